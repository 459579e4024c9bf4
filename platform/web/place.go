package web

import "runes.im/platform/identity"

// Place says where an internet address is, as far as it can be said without asking anybody.
func (v *Visit) Place(address string) string {
	if identity.IsLocal(address) {
		return v.T("web.local_network")
	}
	if at := v.server.Places.Of(address, v.Lang()); at != "" {
		return at
	}
	return v.T("web.place_unknown")
}
