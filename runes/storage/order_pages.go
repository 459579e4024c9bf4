package storage

import (
	"net/http"
	"net/url"
	"strings"

	"runes.im/platform/web"
)

// order is how a list is sorted, shown and filtered. It stands in the address and is remembered for the next folder.
type order struct {
	Sort   string // name, modified, size
	Down   bool
	View   string // list, grid
	Filter string
	asked  bool
}

const orderCookie = "runes_storage"

func orderOf(v *web.Visit) order {
	values := v.Request.URL.Query()
	o := order{Filter: strings.TrimSpace(values.Get("q")), asked: values.Has("sort") || values.Has("view")}
	kept := url.Values{}
	if c, err := v.Request.Cookie(orderCookie); err == nil {
		kept, _ = url.ParseQuery(c.Value) // a broken memory is no memory
	}
	pick := func(name, fallback string, known ...string) string {
		for _, value := range []string{values.Get(name), kept.Get(name)} {
			for _, k := range known {
				if value == k {
					return value
				}
			}
		}
		return fallback
	}
	o.Sort = pick("sort", "name", "name", "modified", "size")
	o.View = pick("view", "list", "list", "grid")
	way := "up"
	if o.Sort != "name" {
		way = "down"
	}
	o.Down = pick("way", way, "up", "down") == "down"
	return o
}

// listing is the order as the engine knows it.
func (o *order) listing() listing {
	by := o.Sort
	if by == "modified" {
		by = "mtime"
	}
	return listing{Order: by, Down: o.Down}
}

// remember keeps the order for the next folder. It is a matter of taste of this browser and changes nothing.
func (o *order) remember(v *web.Visit) {
	if o.asked {
		http.SetCookie(v.Writer, &http.Cookie{
			Name: orderCookie, Value: strings.TrimPrefix((&order{Sort: o.Sort, Down: o.Down, View: o.View}).with("", ""), "?"),
			Path: "/storage", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(v.Site(), "https:"),
		})
	}
}

// with is the order as a query, with one value changed.
func (o *order) with(name, value string) string {
	q := url.Values{"sort": {o.Sort}, "way": {"up"}, "view": {o.View}}
	if o.Down {
		q.Set("way", "down")
	}
	if o.Filter != "" {
		q.Set("q", o.Filter)
	}
	if name != "" {
		q.Set(name, value)
	}
	return "?" + q.Encode()
}

// column is a head of a list: it sorts by itself, and the other way round when it did so already.
type column struct {
	Label, Href string
	Sorted      string // ascending, descending
}

type heading struct{ sort, label string }

func (o *order) columns(v *web.Visit, address string, headings []heading) []column {
	var all []column
	for _, h := range headings {
		next := *o
		next.Sort, next.Down = h.sort, h.sort != "name"
		c := column{Label: v.T(h.label)}
		if h.sort == o.Sort {
			c.Sorted, next.Down = "ascending", !o.Down
			if o.Down {
				c.Sorted = "descending"
			}
		}
		c.Href = address + next.with("", "")
		all = append(all, c)
	}
	return all
}
