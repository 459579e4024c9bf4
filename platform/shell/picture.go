package shell

import (
	"bytes"
	"net/http"
	"strconv"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/picture"
	"runes.im/platform/web"
)

// ownPicture is where people choose how they look.
const ownPicture = "/account/picture"

// roomForFields is what a form takes beside its file.
const roomForFields = 64 << 10

func pictureRoutes(r *web.Router) {
	r.Get(ownPicture, web.SignedIn, showOwnPicture)
	r.PostFile(ownPicture, web.SignedIn, picture.MaxBytes+roomForFields, savePicture, refusePicture)
	r.Post(ownPicture+"/remove", web.SignedIn, dropPicture)
	r.Get("/people/{id}/picture/{version}/{side}", web.SignedIn, showPicture)
}

// picturePage is a picture and which square of it is kept.
type picturePage struct {
	web.Problems
	Face       web.Face
	Has        bool
	X, Y, Zoom string // of the middle of the square and how near it comes, in hundredths
	MaxZoom    int
}

func newPicturePage(v *web.Visit) (*picturePage, error) {
	known, err := v.People.Pictures(v.Context(), v.Tenant)
	if err != nil {
		return nil, err
	}
	v.Load("crop")
	accountTitle(v, "shell.picture")
	p := &picturePage{Face: face(v.Person), Has: known[v.Person.ID] != "", MaxZoom: 100 * picture.MaxZoom}
	p.X, p.Y, p.Zoom = orElse(v.Form("x"), "50"), orElse(v.Form("y"), "50"), orElse(v.Form("zoom"), "100")
	return p, nil
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func showOwnPicture(v *web.Visit) error {
	p, err := newPicturePage(v)
	if err != nil {
		return err
	}
	return v.Page("own_picture", p)
}

func savePicture(v *web.Visit) error {
	p, err := newPicturePage(v)
	if err != nil {
		return err
	}
	form := fault.Form{}
	cut := identity.PictureCut{X: hundredths(&form, p.X, 100), Y: hundredths(&form, p.Y, 100), Zoom: hundredths(&form, p.Zoom, 100*picture.MaxZoom) / 100}
	file, _, err := v.Request.FormFile("picture")
	form.Need(err == nil, "picture", "shell.picture_choose")
	if err := form.Err(); err != nil {
		return v.Again("own_picture", p, err)
	}
	defer file.Close()
	err = v.People.SavePicture(v.Context(), v.Tenant, v.Person, file, cut)
	if f := fault.Of(err); f != nil && (f.Kind == fault.Invalid || f.Kind == fault.TooLarge) {
		form.Need(false, "picture", f.Key, f.Args...)
		err = form.Err()
	}
	if err != nil {
		return v.Again("own_picture", p, err)
	}
	v.Flash(v.T("shell.picture_saved"), "")
	return v.Go(ownProfile)
}

// hundredths reads a number of a slider, 0 to most.
func hundredths(form *fault.Form, text string, most float64) float64 {
	n, err := strconv.ParseFloat(text, 64)
	form.Need(err == nil && n >= 0 && n <= most, "picture", "shell.picture_cut")
	return n
}

// refusePicture shows the form again for a file that is too large to be read at all.
func refusePicture(v *web.Visit) error {
	p, err := newPicturePage(v)
	if err != nil {
		return err
	}
	form := fault.Form{}
	form.Need(false, "picture", "picture.too_large", "max", picture.MaxBytes>>20)
	return v.Again("own_picture", p, form.Err())
}

func dropPicture(v *web.Visit) error {
	if err := v.People.DropPicture(v.Context(), v.Tenant, v.Person); err != nil {
		return err
	}
	v.Flash(v.T("shell.picture_removed"), "")
	return v.Go(ownProfile)
}

// showPicture serves how a member looks. An address that names the version of today never changes; any other shows
// today's picture, but nobody may keep it under that name.
func showPicture(v *web.Visit) error {
	side, err := strconv.Atoi(v.Param("side"))
	if err != nil || !v.Person.Knows(v.Param("id")) {
		return fault.New(fault.NotFound, "identity.picture_missing")
	}
	content, version, err := v.People.Picture(v.Context(), v.Tenant, v.Param("id"), side)
	if err != nil {
		return err
	}
	h := v.Writer.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Security-Policy", picture.LogoPolicy)
	h.Set("Cache-Control", "private, no-cache")
	if v.Param("version") == version {
		h.Set("Cache-Control", "private, max-age=31536000, immutable")
	}
	h.Set("Etag", `"`+version+"-"+v.Param("side")+`"`)
	http.ServeContent(v.Writer, v.Request, "", time.Time{}, bytes.NewReader(content))
	return nil
}
