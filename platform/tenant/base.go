package tenant

// IsGate reports whether a Host header names the appliance itself while several tenants live on it, or may come to live there: there
// people choose.
func (r *Registry) IsGate(header string) bool {
	h, ok := parseHost(header)
	if !ok || h.name != r.o.BaseDomain {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return (len(r.known) > 1 || r.o.Several && len(r.known) > 0) && r.hosts[h.name] == ""
}

// BaseDomain is the name of the appliance itself.
func (r *Registry) BaseDomain() string { return r.o.BaseDomain }
