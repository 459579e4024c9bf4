package web

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"runes.im/platform/fault"
)

const (
	maxForm   = 1 << 20
	maxFields = 1000
)

// readForm reads the posted values. What is neither of the two kinds of forms is left to the handler, within the same
// limit.
func (v *Visit) readForm() error {
	if v.route.raw {
		v.values = url.Values{}
		return nil
	}
	r := v.Request
	most := maxForm + v.route.room
	r.Body = http.MaxBytesReader(v.Writer, r.Body, most)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/x-www-form-urlencoded":
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return bodyFault(err, most)
		}
		if strings.Count(string(raw), "&") >= maxFields {
			return fault.New(fault.TooLarge, "web.too_many_fields", "max", maxFields)
		}
		if v.values, err = url.ParseQuery(string(raw)); err != nil {
			return fault.New(fault.Malformed, "web.malformed")
		}
	case "multipart/form-data":
		if err := r.ParseMultipartForm(maxForm); err != nil {
			return bodyFault(err, most)
		}
		v.values = r.MultipartForm.Value
	default:
		v.values = url.Values{}
	}
	return checkValues(v.values)
}

func (v *Visit) readQuery() error {
	var err error
	if v.values, err = url.ParseQuery(v.Request.URL.RawQuery); err != nil {
		return fault.New(fault.Malformed, "web.malformed")
	}
	return checkValues(v.values)
}

// bodyFault tells a body that is too large or too slow from one that is broken.
func bodyFault(err error, most int64) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) || strings.Contains(err.Error(), "too large") {
		return fault.New(fault.TooLarge, "web.too_large", "max", fmt.Sprintf("%d MiB", most>>20))
	}
	return fault.New(fault.Malformed, "web.malformed")
}

// checkValues refuses a NUL, which the database would refuse with a riddle.
func checkValues(values url.Values) error {
	fields := 0
	for name, all := range values {
		fields += len(all)
		if strings.IndexByte(name, 0) >= 0 {
			return fault.New(fault.Malformed, "web.malformed")
		}
		for _, value := range all {
			if strings.IndexByte(value, 0) >= 0 {
				return fault.New(fault.Malformed, "web.malformed")
			}
		}
	}
	if fields > maxFields {
		return fault.New(fault.TooLarge, "web.too_many_fields", "max", maxFields)
	}
	return nil
}

// Fill copies posted values into the fields of *to that have a form tag; other fields stay as they are. Text loses its
// outer spaces. A bool that was not posted is an unticked box, hence false. A number or date that cannot be read is
// left at its zero value, which the noun's own check refuses where it matters.
func (v *Visit) Fill(to any) { fillStruct(reflect.ValueOf(to).Elem(), v.values) }

func fillStruct(s reflect.Value, values url.Values) {
	for i := range s.NumField() {
		field, kind := s.Field(i), s.Type().Field(i)
		if kind.Anonymous && field.Kind() == reflect.Struct {
			fillStruct(field, values)
			continue
		}
		name := kind.Tag.Get("form")
		if name == "" || name == "-" || !field.CanSet() {
			continue
		}
		posted, given := values[name]
		if given || field.Kind() == reflect.Bool {
			fillField(field, posted)
		}
	}
}

func fillField(field reflect.Value, posted []string) {
	text := ""
	if len(posted) > 0 {
		text = strings.TrimSpace(posted[0])
	}
	switch to := field.Addr().Interface().(type) {
	case *time.Time:
		*to = day(text)
		return
	case **time.Time:
		*to = nil
		if d := day(text); !d.IsZero() {
			*to = &d
		}
		return
	case *[]string:
		*to = nil
		for _, one := range posted {
			if one = strings.TrimSpace(one); one != "" {
				*to = append(*to, one)
			}
		}
		return
	}
	switch field.Kind() {
	case reflect.String:
		field.SetString(strings.ToValidUTF8(text, "\uFFFD"))
	case reflect.Bool:
		field.SetBool(text == "on" || text == "true" || text == "1" || text == "yes")
	case reflect.Int, reflect.Int64, reflect.Int32:
		n, err := strconv.ParseInt(text, 10, field.Type().Bits())
		if err != nil {
			n = 0
		}
		field.SetInt(n)
	}
}

// day reads what a date input posts.
func day(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}
	}
	return d
}
