// Package shell is the house's own pages: sign-in, Home, notifications, preferences, the first-run wizard, and the frame
// around every page.
package shell

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/base32"

	"runes.im/platform/isolation"
	"runes.im/platform/live"
	"runes.im/platform/price"
	"runes.im/platform/runekit"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

// Words holds the sentences that only Go code says; those of the templates lie beside them.
//
//go:embed words
var Words embed.FS

// Options are what the shell stands on.
type Options struct {
	Server  *web.Server
	Runes   []*runekit.Installed
	Hub     *live.Hub
	Tenants *tenant.Registry
	Dev     bool // the gallery of parts is reachable
	// Found makes the first tenant and its owner, and returns the address of the new workspace.
	Found    func(ctx context.Context, f Founding) (address string, err error)
	Entrance Entrance
	Prices   *price.List
	// Establish makes an organisation of what the wizard asked for, and answers its id.
	Establish func(ctx context.Context, e Establishing) (tenantID string, err error)
	// Operation is behind the pages of whoever runs the appliance.
	Operation Operation
	// Prover checks that organisations are apart, and sound.
	Prover *isolation.Prover
}

// Founding is what the first run asks for.
type Founding struct {
	Company  string `form:"company"`
	Slug     string `form:"slug"`
	Name     string `form:"name"`
	Email    string `form:"email"`
	Password string
	Locale   string
}

// Shell is the house's own pages.
type Shell struct {
	Options
	code        string
	typed       pace
	permissions []runekit.Permission // of all installed runes
}

// New makes a shell; Mount brings its pages.
func New(o Options) *Shell {
	var b [10]byte
	rand.Read(b[:])
	code := base32.StdEncoding.EncodeToString(b[:])
	return &Shell{Options: o, permissions: runekit.Permissions(o.Runes), code: code[:4] + "-" + code[4:8] + "-" + code[8:12] + "-" + code[12:]}
}

// Code opens the first-run wizard: 80 random bits, new at every start.
func (s *Shell) Code() string { return s.code }

// Mount brings the pages, one line each.
func (s *Shell) Mount() error {
	s.Server.Dress(s.dress)
	s.Server.MountGate(s.gateRoutes)
	return s.Server.Mount("", nil, func(r *web.Router) {
		r.Get("/", web.SignedIn, s.home)
		r.Get("/login", web.Public, showLogin)
		r.Post("/login", web.Public, signIn)
		r.Get(secondStep, web.Public, showSecond)
		r.Post(secondStep, web.Public, second)
		r.Get("/login/forgot", web.Public, showForgot)
		r.Post("/login/forgot", web.Public, forgot)
		r.Get("/login/reset/{token}", web.Public, showReset)
		r.Post("/login/reset/{token}", web.Public, reset)
		r.Post("/logout", web.SignedIn, signOut)
		securityRoutes(r)
		s.leaveRoutes(r)
		s.organisationRoutes(r)
		r.Get(settingsPath, manageOrganization, s.showSettings)
		r.Get(isolationPath, manageOrganization, s.showIsolation)
		r.Post(isolationPath, manageOrganization, s.runIsolation)
		r.Get("/join/{token}", web.Public, showJoin)
		r.Post("/join/{token}", web.Public, join)

		r.Get("/notifications", web.SignedIn, s.showNotifications)
		r.Get("/notifications/panel", web.SignedIn, showPanel)
		r.Post("/notifications/read", web.SignedIn, markRead)
		r.Get("/live", web.SignedIn, s.live)

		r.Get("/search", web.SignedIn, s.showSearch)
		r.Get("/palette", web.SignedIn, s.answerPalette)
		r.Post("/palette", web.SignedIn, rememberChoice)
		r.Post("/favourites", web.SignedIn, s.star)
		r.Post("/favourites/remove", web.SignedIn, unstar)
		r.Get("/people/{id}", web.SignedIn, showColleague)
		r.Get("/help", web.SignedIn, s.showHelp)
		r.Get("/help/{guide}", web.SignedIn, s.showGuide)

		r.Get("/home", web.SignedIn, s.showArrange)
		r.Post("/home", web.SignedIn, s.arrange)
		r.Post("/home/steps/hide", web.SignedIn, hideChecklist)
		r.Post("/home/steps/show", web.SignedIn, showChecklist)
		r.Post("/home/reset", web.SignedIn, resetHome)
		r.Post("/home/restore", web.SignedIn, restoreHome)
		r.Post("/home/default", web.SignedIn, s.shareHome)

		r.Get("/preferences", web.SignedIn, s.showPreferences)
		r.Post("/preferences", web.SignedIn, s.savePreferences)
		r.Post("/preferences/house", web.SignedIn, saveHouse)
		r.Post("/preferences/density", web.SignedIn, saveDensity)
		r.Post("/preferences/letters", web.SignedIn, saveLetters)
		r.Post("/preferences/theme", web.SignedIn, saveTheme)
		r.Post("/preferences/language", web.SignedIn, saveLanguage)
		r.Get("/preferences/password", web.SignedIn, confirmed(showPassword))
		r.Post("/preferences/password", web.SignedIn, changePassword)
		s.tokenRoutes(r)

		s.slots(r)

		r.Get("/setup", web.NoTenant, s.showSetup)
		r.Post("/setup", web.NoTenant, s.setUp)
		if s.Dev {
			r.Get("/gallery", web.SignedIn, showGallery)
			r.Post("/gallery", web.SignedIn, func(v *web.Visit) error { return v.Go("/gallery") })
		}
	})
}

func showGallery(v *web.Visit) error {
	v.Load("compat") // what pages of third-party runes load besides
	v.Title(v.T("shell.gallery"))
	v.Crumb(v.T("shell.gallery"), "")
	return v.Page("gallery", nil)
}
