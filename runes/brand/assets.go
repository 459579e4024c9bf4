package brand

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"path"
	"strings"

	"runes.im/platform/blob"
	"runes.im/platform/fault"
	"runes.im/platform/picture"
	"runes.im/platform/record"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

// Asset is a picture that the organisation shows itself with. What is kept is the picture drawn anew, never the upload.
type Asset struct {
	record.Base
	Name       string `record:"title,need,max=120,title,search"`
	Category   string `record:"category,choice=logo|photo|background|icon|illustration|other,need,list,filter,half"`
	ValidUntil string `record:"valid_until,date,list,sort,half,help"`
	Tags       string `record:"tags,max=200,list,search,help"`
	Licence    string `record:"licence,long,max=2000,search,help"`
	Content    string `record:"content,derived"` // of the blob room
	Preview    string `record:"preview,derived"` // the same picture, previewSide long; of an SVG the picture itself
	Format     string `record:"format,derived"`  // "image/png"
	Width      int64  `record:"width,number,derived"`
	Height     int64  `record:"height,number,derived"`
	Size       int64  `record:"size,number,derived"` // bytes
}

// previewSide is how long the longer side of a preview is: two pixels for each of a tile.
const previewSide = 640

// assets are managed in a list like any noun; the library that everybody sees is its own page.
var assets = record.Declare(record.Noun[Asset]{
	Words: "brand.asset.", Plural: "assets", Path: "/assets/all", Icon: "image",
	View: web.SignedIn, Manage: "manage_tenant_assets", Inside: true,
	Check: assetHasContent, Saved: assetSaved, Removed: copyChanged, Back: copyChanged, Purged: dropAsset,
	Href:   func(a *Asset) string { return "/brand/assets/" + a.ID },
	Beside: []record.Place{{Text: "brand.asset.tiles", Path: "/assets"}, {Text: "brand.asset.table", Path: "/assets/all"}},
})

// assetHasContent refuses an asset without a picture: a form or a program alone cannot make one.
func assetHasContent(_ context.Context, _ store.Reader, a *Asset) error {
	form := fault.Form{}
	form.Need(a.Content != "", "title", "brand.asset.no_picture")
	return form.Err()
}

// dropAsset lets go of the pictures of an asset that ends, those that it showed before too.
func dropAsset(ctx context.Context, tx *store.Tx, a *Asset) error {
	if err := a.imagery().drop(ctx, tx); err != nil {
		return err
	}
	return forgetVersions(ctx, tx, a.ID, 0)
}

// isVector reports a picture that has every size.
func (a *Asset) isVector() bool { return a.Format == vector }

// isExpired reports that the right to use the picture has ended before this day (2026-11-22).
func (a *Asset) isExpired(today string) bool { return a.ValidUntil != "" && a.ValidUntil < today }

// file is what a download of a picture is called.
func (a *Asset) file(kind string) string {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, a.Name)
	return name + extensions[kind]
}

var extensions = map[string]string{"image/png": ".png", "image/jpeg": ".jpg", "image/svg+xml": ".svg"}

// readUpload takes a picture, or an SVG for a logo.
func readUpload(ctx context.Context, r io.Reader) (*picture.Picture, error) {
	in := bufio.NewReader(r)
	// Whatever goes wrong here goes wrong again at the reading below.
	head, _ := in.Peek(256)
	if text := bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))); bytes.HasPrefix(text, []byte("<")) {
		return picture.Logo(in)
	}
	return picture.Read(ctx, in, picture.Shape{})
}

// addAsset keeps a picture under the name of its file. The category is a guess that people mend.
func addAsset(ctx context.Context, t *tenant.Tenant, name string, p *picture.Picture) (*Asset, error) {
	drawn, err := draw(ctx, t, p)
	if err != nil {
		return nil, err
	}
	defer drawn.discard()
	a := &Asset{Name: titleOf(name), Category: "photo"}
	if a.show(drawn.imagery); a.isVector() {
		a.Category = "logo"
	}
	return a, t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := drawn.keep(ctx, tx); err != nil {
			return err
		}
		return assets.Create(ctx, tx, a)
	})
}

func stage(ctx context.Context, t *tenant.Tenant, p *picture.Picture) (*blob.Staged, error) {
	return t.Blobs.Stage(ctx, bytes.NewReader(p.Content), blob.StageOptions{Expect: int64(len(p.Content))})
}

// titleOf makes a name for people out of that of a file: "harbour_at-dawn.JPG" is "harbour at dawn".
func titleOf(file string) string {
	name := path.Base(strings.ReplaceAll(file, `\`, "/"))
	name = strings.TrimSuffix(name, path.Ext(name))
	name = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(name, ""), func(r rune) bool { return r == '_' || r == '-' || r <= ' ' }), " ")
	if letters := []rune(name); len(letters) > 120 {
		name = string(letters[:120])
	}
	if name == "" || name == "." {
		return "?"
	}
	return name
}

// tagsOf are the single tags of an asset.
func tagsOf(text string) []string {
	var tags []string
	for tag := range strings.SplitSeq(text, ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}
