package brand

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/picture"
	"runes.im/platform/record"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

func assetRoutes(r *web.Router) {
	assets.Pages(r)
	r.Get("/assets", web.SignedIn, showLibrary)
	r.Put("/assets/upload", "manage_tenant_assets", uploadAsset)
	r.Get("/assets/{id}", web.SignedIn, showAsset)
	r.Get("/assets/{id}/picture", web.SignedIn, showPicture)
	r.Put("/assets/{id}/picture", "manage_tenant_assets", replacePicture)
	r.Get("/assets/{id}/versions/{version}", "manage_tenant_assets", showVersion)
	r.Post("/assets/{id}/versions/{version}/restore", "manage_tenant_assets", restoreVersion)
	r.Get("/assets/{id}/download", web.SignedIn, downloadAsset)
}

// perPage is a full screen of tiles.
const perPage = 48

// libraryPage is what the template library draws.
type libraryPage struct {
	Lead, Search   string
	Category       string
	Categories     []record.Segment
	Tiles          []tile
	CanManage      bool
	IsFiltered     bool
	Earlier, Later string
	Accept         string
}

// tile is one picture of the library.
type tile struct {
	ID, Name, Href, Picture, Meta string
	Expired                       bool
	Whole                         bool // shown whole: a logo is not cut
}

// categories in the order of the chips.
var categories = []string{"logo", "photo", "background", "icon", "illustration", "other"}

// accepted is what the file dialog offers. What comes is looked at all the same.
const accepted = "image/png,image/jpeg,image/webp,image/gif,image/svg+xml"

func showLibrary(v *web.Visit) error {
	p := &libraryPage{Search: v.Query("q"), Category: v.Query("category"), CanManage: v.Can("manage_tenant_assets"), Accept: accepted}
	q := record.Query{Search: p.Search, Sort: "created_at", Down: true, Limit: perPage + 1}
	if p.Category != "" {
		q.Filters = map[string][]string{"category": {p.Category}}
	}
	page, err := strconv.Atoi(v.Query("page"))
	if err != nil || page < 1 || page > 10_000 {
		page = 1
	}
	q.Offset = (page - 1) * perPage
	found, err := assets.List(v.Context(), v.DB, v.Person, q)
	if err != nil {
		return err
	}
	total, err := assets.Count(v.Context(), v.DB, v.Person, record.Query{Search: q.Search, Filters: q.Filters})
	if err != nil {
		return err
	}
	if len(found) > perPage {
		found, p.Later = found[:perPage], libraryAt(p.Search, p.Category, page+1)
	}
	if page > 1 {
		p.Earlier = libraryAt(p.Search, p.Category, page-1)
	}
	p.IsFiltered = p.Search != "" || p.Category != ""
	p.Lead = v.T("brand.asset.count", "n", total)
	for _, a := range found {
		p.Tiles = append(p.Tiles, tileOf(v, a))
	}
	p.Categories = append(p.Categories, record.Segment{Text: v.T("brand.asset.all"), Href: libraryAt(p.Search, "", 1), Current: p.Category == ""})
	for _, c := range categories {
		p.Categories = append(p.Categories, record.Segment{Text: v.T("brand.asset.category_" + c), Href: libraryAt(p.Search, c, 1), Current: p.Category == c})
	}
	v.Title(v.T("brand.asset.list"))
	v.Crumb(v.T("brand.name"), "/brand")
	v.Crumb(v.T("brand.asset.list"), "")
	return v.Page("brand_library", p)
}

func libraryAt(search, category string, page int) string {
	values := url.Values{}
	for name, value := range map[string]string{"q": search, "category": category} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if page > 1 {
		values.Set("page", strconv.Itoa(page))
	}
	if len(values) == 0 {
		return "/brand/assets"
	}
	return "/brand/assets?" + values.Encode()
}

func tileOf(v *web.Visit, a *Asset) tile {
	return tile{
		ID: a.ID, Name: a.Name, Href: "/brand/assets/" + a.ID, Picture: pictureAt(a, previewSide),
		Meta: v.T("brand.asset.category_"+a.Category) + " · " + a.measure(v), Expired: a.isExpired(today(v)),
		Whole: a.isWhole(),
	}
}

// pictureAt is the address of an asset's picture; it changes with the picture.
func pictureAt(a *Asset, side int) string {
	return fmt.Sprintf("/brand/assets/%s/picture?size=%d&v=%.12s", a.ID, side, a.Content)
}

// isWhole reports a picture that is never cut, and may be see-through.
func (a *Asset) isWhole() bool { return a.isVector() || a.Category == "logo" || a.Category == "icon" }

func (a *Asset) measure(v *web.Visit) string {
	if a.isVector() {
		return "SVG"
	}
	return v.Number(a.Width) + " × " + v.Number(a.Height)
}

func today(v *web.Visit) string { return clock.Now(v.Context()).In(v.Zone()).Format(time.DateOnly) }

// assetPage is what the template asset draws.
type assetPage struct {
	*Asset
	Picture, Kind, Measure, Pixels, Bytes, Added, Valid string
	Whole                                               bool // as in tile
	CategoryName                                        string
	TagList                                             []record.Link
	IsExpired, CanManage                                bool
	Downloads                                           []record.Link
	Accept                                              string
	Versions                                            []versionRow // for those who may bring one back
}

func showAsset(v *web.Visit) error {
	a, err := assets.One(v.Context(), v.DB, v.Person, v.Param("id"))
	if err != nil {
		return err
	}
	p := &assetPage{
		Asset: a, Picture: pictureAt(a, 1280), Kind: strings.ToUpper(extensions[a.Format][1:]), Measure: a.measure(v), Pixels: v.Number(a.Width) + " × " + v.Number(a.Height), Bytes: v.Size(a.Size),
		Added: v.Date(a.CreatedAt), CategoryName: v.T("brand.asset.category_" + a.Category),
		Whole: a.isWhole(), IsExpired: a.isExpired(today(v)), CanManage: v.Can("manage_tenant_assets"), Downloads: downloads(v, a),
	}
	if by, err := v.People.Member(v.Context(), v.Tenant, a.CreatedBy); err == nil {
		p.Added = v.T("brand.asset.added_by", "date", p.Added, "name", by.Name)
	} else if fault.Of(err) == nil {
		return err
	}
	if day, err := time.Parse(time.DateOnly, a.ValidUntil); err == nil {
		p.Valid = v.Date(day)
	}
	for _, tag := range tagsOf(a.Tags) {
		p.TagList = append(p.TagList, record.Link{Text: tag, Href: libraryAt(tag, "", 1)})
	}
	if p.CanManage {
		p.Accept = accepted
		if p.Versions, err = versionRows(v, a); err != nil {
			return err
		}
	}
	v.Title(a.Name)
	v.Crumb(v.T("brand.name"), "/brand")
	v.Crumb(v.T("brand.asset.list"), "/brand/assets")
	v.Crumb(a.Name, "")
	return v.Page("brand_asset", p)
}

// downloads are the sizes that are smaller than the picture, after the picture itself.
func downloads(v *web.Visit, a *Asset) []record.Link {
	at := "/brand/assets/" + a.ID + "/download"
	all := []record.Link{{Text: v.T("brand.asset.original", "size", a.measure(v), "bytes", v.Size(a.Size)), Href: at, Current: true}}
	if a.isVector() {
		return all
	}
	for i := len(picture.Sizes) - 1; i >= 0; i-- {
		side := int64(picture.Sizes[i])
		long := max(a.Width, a.Height)
		if side < long && side >= 160 {
			size := v.Number(max(1, a.Width*side/long)) + " × " + v.Number(max(1, a.Height*side/long))
			all = append(all, record.Link{Text: size, Href: at + "?size=" + strconv.FormatInt(side, 10)})
		}
	}
	return all
}

// showPicture serves a picture to be looked at. An address that names its content never changes.
func showPicture(v *web.Visit) error {
	a, err := assets.One(v.Context(), v.DB, v.Person, v.Param("id"))
	if err != nil {
		return err
	}
	p, err := sized(v, a)
	if err != nil {
		return err
	}
	cache := "private, no-cache"
	if version := v.Query("v"); version != "" && strings.HasPrefix(a.Content, version) {
		cache = "private, max-age=31536000, immutable"
	}
	servePicture(v, p, `"`+a.Content[:24]+"-"+v.Query("size")+`"`, cache)
	return nil
}

// servePicture answers with a picture of ours. Whoever opens it alone gets a page that can do nothing.
func servePicture(v *web.Visit, p *picture.Picture, etag, cache string) {
	h := v.Writer.Header()
	h.Set("Content-Type", p.Type)
	h.Set("Content-Security-Policy", picture.LogoPolicy)
	h.Set("Cache-Control", cache)
	h.Set("Etag", etag)
	http.ServeContent(v.Writer, v.Request, "", time.Time{}, bytes.NewReader(p.Content))
}

// sized is the picture of an asset in the size that the address asks for; without one, whole.
func sized(v *web.Visit, a *Asset) (*picture.Picture, error) {
	side := 0
	if asked := v.Query("size"); asked != "" {
		var err error
		if side, err = strconv.Atoi(asked); err != nil {
			return nil, fault.New(fault.NotFound, "picture.no_size")
		}
	}
	return a.picture(v.Context(), v.Tenant, side)
}

// picture reads the stored picture, smaller if side says so.
func (a *Asset) picture(ctx context.Context, t *tenant.Tenant, side int) (*picture.Picture, error) {
	id := a.Content
	if side == previewSide {
		id = a.Preview
	}
	p, err := keptPicture(ctx, t, id)
	if err != nil || side == 0 || side == previewSide || a.isVector() {
		return p, err
	}
	return picture.Resize(ctx, bytes.NewReader(p.Content), side)
}

// keptPicture reads one of our own pictures; its first bytes say what it is.
func keptPicture(ctx context.Context, t *tenant.Tenant, id string) (*picture.Picture, error) {
	kept, err := t.Blobs.Read(ctx, t.DB, id)
	if err != nil {
		return nil, err
	}
	defer kept.Close()
	p := new(picture.Picture)
	if p.Content, err = io.ReadAll(kept); err != nil {
		return nil, err
	}
	if p.Type = http.DetectContentType(p.Content); bytes.HasPrefix(p.Content, []byte("<svg")) {
		p.Type = vector
	}
	return p, nil
}

func downloadAsset(v *web.Visit) error {
	a, err := assets.One(v.Context(), v.DB, v.Person, v.Param("id"))
	if err != nil {
		return err
	}
	p, err := sized(v, a)
	if err != nil {
		return err
	}
	v.Attachment(a.file(p.Type), bytes.NewReader(p.Content), a.UpdatedAt, "")
	return nil
}

// uploadAsset takes one picture and says where it is.
func uploadAsset(v *web.Visit) error {
	p, err := readUpload(v.Context(), v.Request.Body)
	if err != nil {
		return err
	}
	a, err := addAsset(v.Context(), v.Tenant, v.Query("name"), p)
	if err != nil {
		return err
	}
	return v.JSON(http.StatusCreated, map[string]string{"id": a.ID, "name": a.Name, "href": "/brand/assets/" + a.ID})
}
