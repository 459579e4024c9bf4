package web

import (
	"time"
	_ "time/tzdata" // a small machine has no zone files

	"runes.im/platform/clock"
	"runes.im/platform/words"
)

var months = [...]string{
	"web.january", "web.february", "web.march", "web.april", "web.may", "web.june",
	"web.july", "web.august", "web.september", "web.october", "web.november", "web.december",
}

var weekdays = [...]string{
	"web.sunday", "web.monday", "web.tuesday", "web.wednesday", "web.thursday", "web.friday", "web.saturday",
}

var sizes = [...]string{"web.size_kb", "web.size_mb", "web.size_gb", "web.size_tb"}

// Zone is where the person is.
func (v *Visit) Zone() *time.Location {
	if v.zone != nil {
		return v.zone
	}
	v.zone = time.UTC
	for _, name := range v.zoneNames() {
		if zone, err := time.LoadLocation(name); name != "" && err == nil {
			v.zone = zone
			break
		}
	}
	return v.zone
}

func (v *Visit) zoneNames() []string {
	var names []string
	if v.Person != nil {
		names = append(names, v.Person.Zone)
	}
	if v.Tenant != nil {
		names = append(names, v.Tenant.Zone)
	}
	return names
}

// When says how long ago t was, up to seven days; then its date.
func (v *Visit) When(t time.Time) string {
	now := clock.Now(v.Context())
	ago := now.Sub(t)
	switch {
	case ago < -time.Minute:
		return v.Date(t) + " " + v.Time(t)
	case ago < time.Minute:
		return v.T("web.just_now")
	case ago < time.Hour:
		return v.T("web.minutes_ago", "n", int(ago/time.Minute))
	case ago < 24*time.Hour:
		return v.T("web.hours_ago", "n", int(ago/time.Hour))
	case ago < 7*24*time.Hour:
		return v.T("web.days_ago", "n", int(ago/(24*time.Hour)))
	}
	return v.Date(t)
}

// Date is the day of t: 22 Nov 2026.
func (v *Visit) Date(t time.Time) string {
	t = t.In(v.Zone())
	return v.T("web.date", "day", t.Day(), "month", v.T(months[t.Month()-1]), "year", t.Year())
}

// Day is the day of t with its weekday and without the year: Sunday 22 November.
func (v *Visit) Day(t time.Time) string {
	t = t.In(v.Zone())
	return v.T("web.day", "weekday", v.T(weekdays[t.Weekday()]), "day", t.Day(), "month", v.T(months[t.Month()-1]))
}

// Time is the time of day of t: 14:05.
func (v *Visit) Time(t time.Time) string { return t.In(v.Zone()).Format("15:04") }

// Number is n in the person's language.
func (v *Visit) Number(n int64) string { return words.Number(v.Lang(), n, 0) }

// Size is a number of bytes for people, in units of 1,000: 1.2 MB.
func (v *Visit) Size(bytes int64) string {
	if bytes < 1000 {
		return v.T("web.size_bytes", "n", bytes)
	}
	amount, unit := float64(bytes)/1000, 0
	for amount >= 999.5 && unit < len(sizes)-1 {
		amount, unit = amount/1000, unit+1
	}
	decimals := 1
	if amount >= 99.5 {
		decimals = 0
	}
	return v.T(sizes[unit], "size", words.Number(v.Lang(), amount, decimals))
}
