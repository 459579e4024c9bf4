package identity

import (
	"context"
	"strings"

	"runes.im/platform/tenant"
)

// The order matters: Edge and Opera call themselves Chrome too, Chrome calls itself Safari, Android calls itself Linux.
var (
	programs = [][2]string{
		{"Edg", "Edge"},
		{"OPR/", "Opera"},
		{"Firefox/", "Firefox"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
		{"mirall/", "Nextcloud"},
		{"Nextcloud", "Nextcloud"},
		{"ownCloud", "ownCloud"},
	}
	systems = [][2]string{
		{"Windows", "Windows"},
		{"Android", "Android"},
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Mac OS X", "macOS"},
		{"Macintosh", "macOS"},
		{"Linux", "Linux"},
	}
)

// family is a User-Agent in short, "Firefox, Linux": it stays the same when the program is updated.
func family(userAgent string) string {
	var parts []string
	for _, table := range [][][2]string{programs, systems} {
		for _, entry := range table {
			if strings.Contains(userAgent, entry[0]) {
				parts = append(parts, entry[1])
				break
			}
		}
	}
	if len(parts) > 0 {
		return strings.Join(parts, ", ")
	}
	first, _, _ := strings.Cut(agent(userAgent), " ")
	if len(first) > 40 {
		first = strings.ToValidUTF8(first[:40], "")
	}
	return first
}

// isStrange reports whether the member has signed in before, but never from such a device at such an address.
func isStrange(ctx context.Context, t *tenant.Tenant, memberID string, from Source) (bool, error) {
	rows, err := t.DB.Query(ctx, `SELECT DISTINCT address, user_agent FROM identity_sessions
		WHERE member_id = ? ORDER BY address, user_agent LIMIT 1000`, memberID)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	before := false
	for rows.Next() {
		var address, userAgent string
		if err := rows.Scan(&address, &userAgent); err != nil {
			return false, err
		}
		if network(address) == network(from.Address) && family(userAgent) == family(from.UserAgent) {
			return false, nil
		}
		before = true
	}
	return before, rows.Err()
}
