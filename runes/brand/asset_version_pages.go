package brand

import (
	"bytes"
	"net/http"
	"strings"

	"runes.im/platform/clock"
	"runes.im/platform/web"
)

// versionRow is an earlier picture on the page of its asset.
type versionRow struct {
	Picture, Restore, Download, Text, When string
	Whole                                  bool // as in tile
}

func versionRows(v *web.Visit, a *Asset) ([]versionRow, error) {
	all, err := versionsOf(v.Context(), v.DB, "asset = ? ORDER BY id DESC LIMIT ?", a.ID, keepVersions)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	members, err := v.People.Members(v.Context(), v.Tenant)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, m := range members {
		names[m.ID] = m.Name
	}
	rows := make([]versionRow, len(all))
	for i, one := range all {
		at, err := clock.Parse(one.At)
		if err != nil {
			return nil, err
		}
		shown := *a
		shown.show(one.imagery)
		here := "/brand/assets/" + a.ID + "/versions/" + one.ID
		rows[i] = versionRow{
			Picture: here, Restore: here + "/restore", Download: here + "?download", Whole: shown.isWhole(),
			Text: strings.ToUpper(extensions[one.Format][1:]) + ", " + shown.measure(v) + ", " + v.Size(one.Size), When: v.T("brand.asset.until", "when", v.When(at)),
		}
		if shown.isVector() {
			rows[i].Text = "SVG, " + v.Size(one.Size)
		}
		if name := names[one.By]; name != "" {
			rows[i].When = v.T("brand.asset.until_by", "when", v.When(at), "name", name)
		}
	}
	return rows, nil
}

// replacePicture takes another picture for an asset and says where it is.
func replacePicture(v *web.Visit) error {
	a, err := assets.One(v.Context(), v.DB, v.Person, v.Param("id"))
	if err != nil {
		return err
	}
	p, err := readUpload(v.Context(), v.Request.Body)
	if err != nil {
		return err
	}
	if err := replaceAsset(v.Context(), v.Tenant, a, p); err != nil {
		return err
	}
	return v.JSON(http.StatusOK, map[string]string{"id": a.ID, "name": a.Name, "href": "/brand/assets/" + a.ID})
}

func restoreVersion(v *web.Visit) error {
	a, err := assets.One(v.Context(), v.DB, v.Person, v.Param("id"))
	if err != nil {
		return err
	}
	old, err := versionOf(v.Context(), v.DB, a.ID, v.Param("version"))
	if err != nil {
		return err
	}
	if err := restoreAsset(v.Context(), v.Tenant, a, old); err != nil {
		return err
	}
	v.Flash(v.T("brand.asset.version_back"), "")
	return v.Go("/brand/assets/" + a.ID)
}

// showVersion serves an earlier picture: small to be looked at, or whole as a file.
func showVersion(v *web.Visit) error {
	a, err := assets.One(v.Context(), v.DB, v.Person, v.Param("id"))
	if err != nil {
		return err
	}
	old, err := versionOf(v.Context(), v.DB, a.ID, v.Param("version"))
	if err != nil {
		return err
	}
	content := old.Preview
	if v.Values().Has("download") {
		content = old.Content
	}
	p, err := keptPicture(v.Context(), v.Tenant, content)
	if err != nil {
		return err
	}
	if v.Values().Has("download") {
		at, err := clock.Parse(old.At)
		if err != nil {
			return err
		}
		v.Attachment(a.file(p.Type), bytes.NewReader(p.Content), at, "")
		return nil
	}
	servePicture(v, p, `"`+content[:24]+`"`, "private, max-age=31536000, immutable")
	return nil
}
