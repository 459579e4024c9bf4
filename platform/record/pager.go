package record

import (
	"strconv"

	"runes.im/platform/web"
)

// fillPager leads to the pages around, the first and the last.
func (k *kind) fillPager(v *web.Visit, p *ListPage, s view, total, here int) {
	if total > 0 {
		p.Shown = v.T("record.shown", "from", v.Number(int64(s.Offset+1)), "to", v.Number(int64(s.Offset+here)), "n", total)
	}
	last := (total + s.size - 1) / s.size
	to := func(page int) string {
		if page == 1 {
			return k.link(s, "", "page", "")
		}
		return k.link(s, "", "page", strconv.Itoa(page))
	}
	if s.page > 1 {
		p.Prev = to(s.page - 1)
	}
	if s.page < last {
		p.Next = to(s.page + 1)
	}
	for page := 1; page <= last && last > 1; page++ {
		near := page == 1 || page == last || page >= s.page-1 && page <= s.page+1
		if near {
			p.Pages = append(p.Pages, Link{Text: strconv.Itoa(page), Href: to(page), Current: page == s.page})
		} else if n := len(p.Pages); p.Pages[n-1].Href != "" {
			p.Pages = append(p.Pages, Link{Text: "…"})
		}
	}
	if total > pageSizes[0] {
		for _, size := range pageSizes {
			p.Sizes = append(p.Sizes, Link{Text: strconv.Itoa(size), Href: k.link(s, "", "size", strconv.Itoa(size)), Current: size == s.size})
		}
	}
}

// fillDoings adds the rune's own buttons, and names the list that is shown.
func (k *kind) fillDoings(v *web.Visit, p *ListPage, s view) {
	if s.name != "" {
		p.Heading, p.IsFiltered = s.name, true
	}
	if k.doings != nil {
		p.Doings = k.doings(v, s.values)
	}
	if k.bulk != nil {
		p.Bulk = k.bulk(v, s.values)
	}
	manages := v.Can(k.manage)
	if manages && k.ownerField() != nil {
		p.Bulk = append(p.Bulk, Doing{Text: v.T("record.give"), Icon: "user-round-check", Href: k.at("/give")})
	}
	if manages && k.traits != nil {
		p.Bulk = append(p.Bulk, Doing{Text: v.T("record.merge"), Icon: "merge", Href: k.at("/merge"), Page: true, Needs: 2, Hint: v.T("record.merge_two")})
		p.More = append(p.More, Doing{Text: v.T("record.twins"), Icon: "check-check", Href: k.at("/duplicates")})
	}
	if k.custom >= 0 && v.Can(shapes) {
		p.More = append(p.More, Doing{Text: v.T("record.fields"), Icon: "list", Href: k.at("/fields")})
	}
	if k.reach != nil && v.Can(grants) {
		p.More = append(p.More, Doing{Text: v.T("record.scope"), Icon: "eye", Href: k.at("/scope")})
	}
}
