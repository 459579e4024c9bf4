package brand

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/cert"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

func certificateRoutes(r *web.Router) {
	const right = "manage_network_governance"
	r.Get("/network/certificate/{host}", right, showCertificate)
	r.PostFile("/network/certificate/{host}", right, 2*cert.MaxBytes, setCertificate, refuseCertificate)
	r.Post("/network/certificate/{host}/fetch", right, fetchCertificate)
	r.Post("/network/certificate/{host}/remove", right, removeCertificate)
}

// certState is the certificate of a name in one line.
type certState struct {
	Host, Text, Kind string // Kind of a badge
}

func certStateOf(v *web.Visit, host string) certState {
	keeper := cert.From(v.Context())
	i := keeper.Info(v.Context(), host)
	s := certState{Host: host}
	switch {
	case i.Source == "" && i.Asked && i.Problem == "":
		s.Text, s.Kind = v.T("brand.certificate.asked"), "info"
	case i.Source == "" && !keeper.HasDoor():
		// Something in front of the server has the certificates: nothing is missing here.
	case i.Source == "":
		s.Text, s.Kind = v.T("brand.certificate.none"), "warn"
	case !i.Fits:
		s.Text, s.Kind = v.T("brand.certificate.other"), "warn"
	case i.Ended:
		s.Text, s.Kind = v.T("brand.certificate.ended", "date", v.Date(i.Until)), "bad"
	case i.Ends:
		s.Text, s.Kind = v.T("brand.certificate.ends", "date", v.Date(i.Until)), "warn"
	default:
		s.Text, s.Kind = v.T("brand.certificate.until", "date", v.Date(i.Until)), "ok"
	}
	return s
}

// certificatePage is what the template certificate draws.
type certificatePage struct {
	web.Problems
	cert.Info
	State           certState
	Origin          string // where it comes from
	Valid           string // from when until when
	For             string // the names it is for
	Chain           string // as typed; a private key is never shown again
	HasDoor         bool
	Nav             []settingsLink
	Trouble         string // what the authority says
	NextTry, Prints string
}

func showCertificate(v *web.Visit) error {
	page, err := certificate(v, v.Param("host"))
	if err != nil {
		return err
	}
	return v.Page("certificate", page)
}

// certificate is the page of one of the organisation's names; there is none of others'.
func certificate(v *web.Visit, host string) (*certificatePage, error) {
	keeper, ctx := cert.From(v.Context()), v.Context()
	if !keeper.IsOf(ctx, v.Tenant, host) {
		return nil, fault.New(fault.NotFound, "web.not_found")
	}
	i := keeper.Info(ctx, host)
	v.Title(v.T("brand.certificate.title"))
	v.Crumb(v.T("brand.name"), "/brand")
	v.Crumb(v.T("brand.network.title"), "/brand/network")
	v.Crumb(v.T("brand.certificate.title"), "")
	page := &certificatePage{Info: i, State: certStateOf(v, host), HasDoor: keeper.HasDoor(), Nav: settingsNav(v, "/brand/network")}
	if i.Source != "" {
		page.Origin = v.T("brand.certificate.from_" + i.Source)
		page.Valid = v.T("brand.certificate.span", "from", v.Date(i.From), "until", v.Date(i.Until))
		page.For, page.Prints = strings.Join(i.Names, ", "), pairs(i.Fingerprint)
	}
	if i.Problem != "" {
		page.Trouble, page.NextTry = trouble(v, i.Problem), v.When(i.NextTry)
	}
	return page, nil
}

// trouble is what the authority said, as a sentence.
func trouble(v *web.Visit, problem string) string {
	if strings.HasPrefix(problem, "cert.") {
		return v.T(problem)
	}
	return strings.TrimSuffix(problem, ".") + "."
}

// fetchTime is how long somebody waits for the authority. Afterwards the certificate comes by itself.
const fetchTime = 20 * time.Second

// fetchCertificate asks the authority now, not at the first visit or the next try.
func fetchCertificate(v *web.Visit) error {
	host := v.Param("host")
	ctx, cancel := context.WithTimeout(v.Context(), fetchTime)
	defer cancel()
	err := cert.From(ctx).AskFor(ctx, v.Tenant, host)
	if errors.Is(err, context.DeadlineExceeded) {
		v.Flash(v.T("brand.certificate.fetching", "host", host), "")
		return v.Go("/brand/network/certificate/" + host)
	}
	if f := fault.Of(err); f != nil && (f.Kind == fault.TooMany || f.Kind == fault.Unavailable || f.Kind == fault.Conflict) {
		v.Flash(v.T(f.Key, f.Args...), "")
		return v.Go("/brand/network/certificate/" + host)
	}
	if err != nil {
		return err
	}
	return certificateChanged(v, "brand.certificate_fetched", host, "brand.certificate.set")
}

// pairs writes a fingerprint as other programs do: AB:CD:…
func pairs(hex string) string {
	var out strings.Builder
	for n := 0; n+1 < len(hex); n += 2 {
		if n > 0 {
			out.WriteByte(':')
		}
		out.WriteString(hex[n : n+2])
	}
	return out.String()
}

// setCertificate takes a certificate and its key, as files or as text. It serves from the next connection on.
func setCertificate(v *web.Visit) error {
	host := v.Param("host")
	page, err := certificate(v, host)
	if err != nil {
		return err
	}
	chain, wrong := part(v, "chain")
	key, alsoWrong := part(v, "key")
	if wrong != nil || alsoWrong != nil {
		return v.Again("certificate", page, tooLarge())
	}
	page.Chain = v.Form("chain")
	if strings.Contains(page.Chain, "PRIVATE KEY") {
		page.Chain = ""
	}
	_, err = cert.From(v.Context()).SetFor(v.Context(), v.Tenant, host, chain, key)
	if fault.Is(err, fault.Invalid) {
		return v.Again("certificate", page, err)
	}
	if err != nil {
		return err
	}
	return certificateChanged(v, "brand.certificate_set", host, "brand.certificate.set")
}

// part is what was typed into a field, else the file that was chosen for it.
func part(v *web.Visit, name string) (string, error) {
	files := v.Files(name + "_file")
	if text := v.Form(name); strings.TrimSpace(text) != "" || len(files) == 0 {
		return text, nil
	}
	file, err := files[0].Open()
	if err != nil {
		return "", err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, cert.MaxBytes+1))
	return string(raw), err
}

func refuseCertificate(v *web.Visit) error {
	page, err := certificate(v, v.Param("host"))
	if err != nil {
		return err
	}
	return v.Again("certificate", page, tooLarge())
}

func tooLarge() error { return problem("chain", "cert.large", "max", cert.MaxBytes>>10) }

func removeCertificate(v *web.Visit) error {
	host := v.Param("host")
	if err := cert.From(v.Context()).RemoveFor(v.Context(), v.Tenant, host); err != nil {
		return err
	}
	return certificateChanged(v, "brand.certificate_removed", host, "brand.certificate.removed")
}

func certificateChanged(v *web.Visit, action, host, said string) error {
	err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "brand.network", Title: host})
	})
	if err != nil {
		return err
	}
	v.Flash(v.T(said, "host", host), "")
	return v.Go("/brand/network/certificate/" + host)
}
