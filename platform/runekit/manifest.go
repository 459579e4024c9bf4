package runekit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"

	"runes.im/platform/identity"
)

// Manifest is manifest.json: what people and the Rune Center see, the same for third-party runes.
type Manifest struct {
	Name                string            `json:"name"`
	DisplayName         string            `json:"display_name"`
	Version             string            `json:"version"`
	Author              string            `json:"author"`
	Dependencies        []string          `json:"dependencies"`
	UIHooks             UIHooks           `json:"ui_hooks"`
	ProvidedPermissions map[string]string `json:"provided_permissions"`
	RolePresets         []RolePreset      `json:"role_presets,omitempty"`
	Pricing             Pricing           `json:"pricing,omitzero"`
	Marketing           Marketing         `json:"marketing"`
	AuthorContact       string            `json:"author_contact"`
}

// UIHooks say where a rune shows up. Order in the file is order on the screen.
type UIHooks struct {
	Icon    string `json:"icon"`  // of the rune's own line in the sidebar
	Block   string `json:"block"` // "personal", "runes", "workspace"
	Order   int    `json:"order"` // place within the block
	Sidebar Menu   `json:"sidebar"`
}

// RolePreset is a role that the rune suggests to administrators. Name and Description are the English ones; the words keys
// <rune>.preset.<key> and <rune>.preset.<key>_text have them in every language.
type RolePreset struct {
	Key         string   `json:"key"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Permissions []string `json:"permissions"`
}

// Pricing is what the rune's author asks for it in a month; the zero one is free. The operator's price list goes over it.
type Pricing struct {
	Model     string `json:"model"`    // free, flat, per_user
	Amount    int64  `json:"amount"`   // in the smallest unit of the currency
	Currency  string `json:"currency"` // ISO 4217
	TrialDays int    `json:"trial_days,omitempty"`
}

// Menu is the sidebar entries in file order.
type Menu []Sidebar

// Sidebar is one entry. Label is the English name; the words key <rune>.nav.<key> has it in every language.
type Sidebar struct {
	Key        string `json:"-"`
	Icon       string `json:"icon"`
	Label      string `json:"label"`
	Route      string `json:"route"` // local path: "/storage"
	Permission string `json:"permission"`
}

// Marketing is the rune's page in the Rune Center.
type Marketing struct {
	Tagline         string   `json:"tagline"`
	LongDescription string   `json:"long_description"`
	Features        []string `json:"features"`
	Media           []string `json:"media"`
}

// UnmarshalJSON reads the entries one by one, because a Go map would forget their order.
func (m *Menu) UnmarshalJSON(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return fmt.Errorf("sidebar is not an object")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		entry := Sidebar{Key: key.(string)}
		if err := d.Decode(&entry); err != nil {
			return fmt.Errorf("sidebar %s: %w", entry.Key, err)
		}
		*m = append(*m, entry)
	}
	return nil
}

// A manifest is small; what is larger was not written by hand.
const maxManifest = 256 << 10

var (
	nameForm       = regexp.MustCompile(`^[a-z][a-z0-9_]{2,39}$`)
	versionForm    = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`)
	currencyForm   = regexp.MustCompile(`^[A-Z]{3}$`)
	permissionForm = regexp.MustCompile(`^[a-z][a-z0-9_]{2,63}$`)
	blocks         = map[string]bool{"personal": true, "runes": true, "workspace": true}
)

func readManifest(files fs.FS) (*Manifest, error) {
	f, err := files.Open("manifest.json")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m := new(Manifest)
	d := json.NewDecoder(io.LimitReader(f, maxManifest))
	d.DisallowUnknownFields()
	if err := d.Decode(m); err != nil {
		return nil, fmt.Errorf("manifest.json: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("manifest.json: something follows the object")
	}
	return m, m.check()
}

func (m *Manifest) check() error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("manifest.json of %q: %s", m.Name, fmt.Sprintf(format, args...))
	}
	if !nameForm.MatchString(m.Name) {
		return wrong("name is not 3 to 40 small letters, digits and underscores")
	}
	if m.DisplayName == "" || m.Author == "" {
		return wrong("display_name and author are needed")
	}
	if !versionForm.MatchString(m.Version) {
		return wrong("version %q is not of the form 1.2.3", m.Version)
	}
	if m.UIHooks.Block != "" && !blocks[m.UIHooks.Block] {
		return wrong("block %q is not personal, runes or workspace", m.UIHooks.Block)
	}
	for key, sentence := range m.ProvidedPermissions {
		if !permissionForm.MatchString(key) || sentence == "" {
			return wrong("permission %q needs a plain key and a sentence", key)
		}
	}
	if p := m.Pricing; p != (Pricing{}) {
		paid := p.Model == "flat" || p.Model == "per_user"
		if p.Model != "free" && !paid || p.Amount < 0 || p.TrialDays < 0 || paid && !currencyForm.MatchString(p.Currency) {
			return wrong("pricing needs a model (free, flat, per_user), an amount and a currency")
		}
	}
	presets := map[string]bool{}
	for _, p := range m.RolePresets {
		if presets[p.Key] || !permissionForm.MatchString(p.Key) || p.Name == "" || p.Description == "" || len(p.Permissions) == 0 {
			return wrong("role preset %q needs a key of its own, a name, a description and permissions", p.Key)
		}
		presets[p.Key] = true
		for _, key := range p.Permissions {
			if m.ProvidedPermissions[key] == "" {
				return wrong("role preset %q holds %q, which the rune does not provide", p.Key, key)
			}
		}
	}
	seen := map[string]bool{}
	for _, s := range m.UIHooks.Sidebar {
		if seen[s.Key] {
			return wrong("sidebar has %q twice", s.Key)
		}
		seen[s.Key] = true
		if s.Label == "" || s.Icon == "" {
			return wrong("sidebar %q needs a label and an icon", s.Key)
		}
		if s.Route != "/"+m.Name && !strings.HasPrefix(s.Route, "/"+m.Name+"/") {
			return wrong("sidebar %q leads to %q, which is not below /%s", s.Key, s.Route, m.Name)
		}
		if m.ProvidedPermissions[s.Permission] == "" && s.Permission != identity.SignedIn {
			return wrong("sidebar %q asks for %q, which the rune does not provide", s.Key, s.Permission)
		}
	}
	return nil
}
