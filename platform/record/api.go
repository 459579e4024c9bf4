package record

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// The API of a noun has the checks, rights and records of its pages. Only API tokens open it: a browser's cookie does
// not, so no foreign page can use it.
const (
	apiRoot  = "/api/v1/"
	apiRealm = "RUNES API"
	maxList  = 200
	maxBulk  = 100
)

// API opens the noun's addresses for programs.
func API(of Kind, d *web.Doors) {
	k := of.kindOf()
	door := web.Door{Scope: "api", Bearer: true, Realm: apiRealm, Permission: k.view, Fail: failAPI}
	type deeds = map[string]func(*kind, *web.Visit) error
	open := func(rest string, methods deeds) {
		door.Handle = k.page(func(k *kind, v *web.Visit) error { return k.dispatch(v, methods) })
		d.Open(apiRoot+k.rune+"/"+k.plural+rest, door)
	}
	open("", deeds{http.MethodGet: (*kind).apiList, http.MethodPost: (*kind).apiAdd})
	open("/bulk", deeds{http.MethodPost: (*kind).apiBulk})
	open("/{id}", deeds{http.MethodGet: (*kind).apiOne, http.MethodPatch: (*kind).apiChange, http.MethodDelete: (*kind).apiRemove})
}

// dispatch finds the method; everything but reading wants the right to manage.
func (k *kind) dispatch(v *web.Visit, methods map[string]func(*kind, *web.Visit) error) error {
	method := v.Request.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	handle := methods[method]
	if handle == nil {
		var allowed []string
		for m := range methods {
			allowed = append(allowed, m)
		}
		slices.Sort(allowed)
		v.Writer.Header().Set("Allow", strings.Join(allowed, ", "))
		return problem(v, http.StatusMethodNotAllowed, v.T("web.wrong_method"), nil)
	}
	if method != http.MethodGet && !v.Can(k.manage) {
		return fault.New(fault.Forbidden, "web.door_forbidden")
	}
	v.Writer.Header().Set("Cache-Control", "no-store")
	return handle(k, v)
}

// asJSON is a record as the API shows it.
func (k *kind) asJSON(rec any) map[string]any {
	b := k.of(rec)
	out := map[string]any{
		"id": b.ID, "version": b.Version, "created_at": clock.Text(b.CreatedAt), "created_by": b.CreatedBy,
		"updated_at": clock.Text(b.UpdatedAt), "updated_by": b.UpdatedBy,
	}
	for _, f := range k.given() {
		out[f.Name] = f.plain(rec)
	}
	return out
}

func (k *kind) apiList(v *web.Visit) error {
	q, err := k.apiQuery(v.Request.URL.Query())
	if err != nil {
		return err
	}
	limit := q.Limit
	q.Limit++ // one more tells whether there is more
	found, err := k.list(v.Context(), v.DB, v.Person, q)
	if err != nil {
		return err
	}
	answer := map[string]any{"next": nil}
	if len(found) > limit {
		found = found[:limit]
		answer["next"] = k.cursorAfter(found[limit-1], q.Sort)
	}
	data := make([]map[string]any, len(found))
	for i, rec := range found {
		data[i] = k.asJSON(rec)
	}
	answer["data"] = data
	return v.JSON(http.StatusOK, answer)
}

// apiQuery reads filter[field]=a,b, q, sort, limit and cursor; anything else is a mistake that is named.
func (k *kind) apiQuery(values url.Values) (Query, error) {
	q := Query{Limit: 50, Filters: map[string][]string{}}
	form := fault.Form{}
	for name, all := range values {
		value := all[len(all)-1]
		switch field, isFilter := strings.CutPrefix(name, "filter["); {
		case isFilter:
			f := k.field(strings.TrimSuffix(field, "]"))
			form.Need(f != nil && !f.derived && f.Sort != "long" && f.Sort != "money", name, "record.no_field")
			if f != nil {
				q.Filters[f.Name] = strings.Split(value, ",")
			}
		case name == "q":
			q.Search = value
		case name == "sort":
			q.Sort, q.Down = strings.CutPrefix(value, "-")
			f := k.field(q.Sort)
			known := f != nil && (f.sort || f.title) || slices.Contains([]string{"title", "created_at", "updated_at"}, q.Sort)
			form.Need(known, name, "record.no_field")
		case name == "limit":
			n, err := strconv.Atoi(value)
			form.Need(err == nil && n >= 1 && n <= maxList, name, "record.limit", "max", maxList)
			q.Limit = n
		case name == "cursor":
			q.after = readCursor(value)
			form.Need(q.after != nil, name, "record.cursor")
		default:
			form.Need(false, name, "record.no_field")
		}
	}
	return q, form.Err()
}

func (k *kind) cursorAfter(rec any, sort string) string {
	b := k.of(rec)
	var value string
	switch order := k.order(sort); order {
	case "title_key":
		value, _ = k.keys(rec)
	case "created_at":
		value = clock.Text(b.CreatedAt)
	case "updated_at":
		value = clock.Text(b.UpdatedAt)
	default:
		f := k.field(sort)
		if value = f.text(rec); f.Sort == "money" {
			value = f.amount(rec)
		}
	}
	raw, err := json.Marshal([2]string{value, b.ID})
	if err != nil {
		return "" // two strings always encode
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func readCursor(text string) *cursor {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	var parts [2]string
	if err != nil || len(raw) > 4096 || json.Unmarshal(raw, &parts) != nil || strings.Contains(parts[0]+parts[1], "\x00") {
		return nil
	}
	return &cursor{value: parts[0], id: parts[1]}
}

func (k *kind) apiOne(v *web.Visit) error {
	rec, err := k.one(v.Context(), v.DB, v.Person, v.Param("id"), false)
	if err != nil {
		return err
	}
	return k.answer(v, http.StatusOK, rec)
}

func (k *kind) answer(v *web.Visit, status int, rec any) error {
	v.Writer.Header().Set("ETag", etag(k.of(rec).Version))
	return v.JSON(status, k.asJSON(rec))
}

func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

func (k *kind) apiAdd(v *web.Visit) error {
	given, err := readObject(v)
	if err != nil {
		return err
	}
	rec := k.fresh()
	if err := k.fillJSON(rec, given, true); err != nil {
		return err
	}
	if err := k.confirmed(v, nil, rec); err != nil {
		return err
	}
	if err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return k.create(ctx, tx, rec) }); err != nil {
		return err
	}
	v.Writer.Header().Set("Location", apiRoot+k.rune+"/"+k.plural+"/"+k.of(rec).ID)
	return k.answer(v, http.StatusCreated, rec)
}

// confirmed is the API's way to answer the noun's question: ?confirm=true.
func (k *kind) confirmed(v *web.Visit, before, rec any) error {
	if v.Query("confirm") == "true" {
		return nil
	}
	q, err := k.ask(v.Context(), v.DB, before, rec)
	if err != nil || q == nil {
		return err
	}
	return fault.New(fault.Conflict, q.Key, q.Args...)
}

func (k *kind) apiChange(v *web.Visit) error {
	before, err := k.matched(v)
	if before == nil || err != nil {
		return err
	}
	given, err := readObject(v)
	if err != nil {
		return err
	}
	rec := k.copyOf(before)
	if err := k.fillJSON(rec, given, false); err != nil {
		return err
	}
	if err := k.confirmed(v, before, rec); err != nil {
		return err
	}
	if err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return k.change(ctx, tx, before, rec) }); err != nil {
		return err
	}
	return k.answer(v, http.StatusOK, rec)
}

func (k *kind) apiRemove(v *web.Visit) error {
	rec, err := k.matched(v)
	if rec == nil || err != nil {
		return err
	}
	if err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return k.remove(ctx, tx, rec, "") }); err != nil {
		return err
	}
	v.Writer.WriteHeader(http.StatusNoContent)
	return nil
}

// matched is the record of the address when If-Match names its version; nil when that was answered with a refusal.
func (k *kind) matched(v *web.Visit) (any, error) {
	rec, err := k.one(v.Context(), v.DB, v.Person, v.Param("id"), false)
	if err != nil {
		return nil, err
	}
	given := v.Request.Header.Values("If-Match")
	if len(given) == 0 {
		return nil, problem(v, http.StatusPreconditionRequired, v.T("record.if_match"), nil)
	}
	if len(given) > 1 || given[0] != "*" && given[0] != etag(k.of(rec).Version) {
		return nil, fault.New(fault.Precondition, "record.changed_meanwhile")
	}
	return rec, nil
}

// fillJSON takes values over. Null empties a field; names that are no fields are named.
func (k *kind) fillJSON(rec any, given map[string]json.RawMessage, isNew bool) error {
	form := fault.Form{}
	for name := range given {
		f := k.field(name)
		form.Need(f != nil && !f.derived, name, "record.no_field")
		form.Need(f == nil || !f.fixed || isNew, name, "record.fixed")
	}
	for _, f := range k.given() {
		raw, ok := given[f.Name]
		if !ok {
			if isNew {
				f.clean("", &form) // says what is needed
			}
			continue
		}
		text, right := f.fromJSON(raw)
		form.Need(right, f.Name, "record.wrong_type")
		if right {
			f.put(rec, f.clean(text, &form))
		}
	}
	return form.Err()
}

func (f *Field) fromJSON(raw json.RawMessage) (text string, ok bool) {
	var value any
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if d.Decode(&value) != nil {
		return "", false
	}
	switch value := value.(type) {
	case nil:
		return "", true
	case bool:
		if value {
			text = "1"
		}
		return text, f.Sort == "bool"
	case json.Number:
		return value.String(), f.Sort == "number"
	case string:
		return value, f.Sort != "bool" && f.Sort != "number"
	case map[string]any: // money: its smallest unit is a whole number
		n, whole := value["amount"].(json.Number)
		code, named := value["currency"].(string)
		if _, err := n.Int64(); !whole || !named || err != nil || len(value) != 2 || f.Sort != "money" {
			return "", false
		}
		m := moneyOf(value)
		if code == "" && m.Amount == 0 {
			return "", true
		}
		return m.String(), isCurrency(code)
	}
	return "", false
}
