package identity

import (
	"context"
	"slices"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Modes of a rule about second factors.
const (
	FactorsOff      = "off"      // nobody can set one up
	FactorsOptional = "optional" // who has one is asked for it
	FactorsRequired = "required" // nobody gets in without one, after the days of grace
)

// FactorRule says for the organisation, or for a role, whether people need a second factor.
type FactorRule struct {
	Role         string // id; empty: the whole organisation
	Mode         string
	GraceDays    int  // after the rule became required: time to set one up
	RememberDays int  // how long a browser can be remembered; 0: never
	PasskeyOnly  bool // a code from an app does not count
	Since        time.Time
}

// UsualFactors holds where nobody decided.
var UsualFactors = FactorRule{Mode: FactorsOptional, GraceDays: 14, RememberDays: 30}

// FactorRules are the rules that somebody made, that of the organisation first.
func (h *House) FactorRules(ctx context.Context, t *tenant.Tenant) ([]FactorRule, error) {
	return factorRules(ctx, t.DB)
}

func factorRules(ctx context.Context, r store.Reader) ([]FactorRule, error) {
	rows, err := r.Query(ctx, `SELECT role, mode, grace_days, remember_days, passkey_only, made_at FROM identity_factor_rules ORDER BY role`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []FactorRule
	for rows.Next() {
		var f FactorRule
		var since string
		if err := rows.Scan(&f.Role, &f.Mode, &f.GraceDays, &f.RememberDays, &f.PasskeyOnly, &since); err != nil {
			return nil, err
		}
		if f.Since, err = clock.Parse(since); err != nil {
			return nil, err
		}
		found = append(found, f)
	}
	return found, rows.Err()
}

// SaveFactorRule keeps the rule of the organisation or of a role. An empty mode takes a role's rule away.
func (h *House) SaveFactorRule(ctx context.Context, t *tenant.Tenant, f FactorRule) error {
	form := fault.Form{}
	form.Need(slices.Contains([]string{FactorsOff, FactorsOptional, FactorsRequired}, f.Mode) || f.Mode == "" && f.Role != "", "mode", "identity.factor_mode")
	form.Need(f.GraceDays >= 0 && f.GraceDays <= 90, "grace", "identity.factor_days", "max", 90)
	form.Need(f.RememberDays >= 0 && f.RememberDays <= 90, "remember", "identity.factor_days", "max", 90)
	if err := form.Err(); err != nil {
		return err
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		title := f.Role
		if f.Role != "" {
			o, err := h.roleOf(ctx, tx, f.Role)
			if err != nil {
				return err
			}
			title = o.Name
		}
		query, args := `DELETE FROM identity_factor_rules WHERE role = ?`, []any{f.Role}
		if f.Mode != "" {
			query = `INSERT INTO identity_factor_rules (role, mode, grace_days, remember_days, passkey_only, made_at) VALUES (?, ?, ?, ?, ?, ?)
				ON CONFLICT (role) DO UPDATE SET mode = excluded.mode, grace_days = excluded.grace_days, remember_days = excluded.remember_days,
				passkey_only = excluded.passkey_only, made_at = CASE WHEN mode = excluded.mode THEN made_at ELSE excluded.made_at END`
			args = append(args, f.Mode, f.GraceDays, f.RememberDays, f.PasskeyOnly, clock.Text(clock.Now(ctx)))
		}
		if _, err := tx.Exec(ctx, query, args...); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "identity.factor_rule_saved", Object: "factor_rule:" + f.Role, Title: title,
			After: map[string]any{"mode": f.Mode, "grace_days": f.GraceDays, "remember_days": f.RememberDays, "passkey_only": f.PasskeyOnly},
		})
	})
}

// factorRuleFor is what holds for somebody with these roles: the strictest of the organisation's rule and theirs.
func factorRuleFor(ctx context.Context, r store.Reader, roles []string) (FactorRule, error) {
	all, err := factorRules(ctx, r)
	if err != nil {
		return FactorRule{}, err
	}
	strict := UsualFactors
	weight := map[string]int{FactorsOff: 0, FactorsOptional: 1, FactorsRequired: 2}
	for n, f := range all {
		switch {
		case f.Role != "" && !slices.Contains(roles, f.Role):
			continue
		case f.Role == "" && n == 0:
			strict = f // the organisation's own rule takes the place of the usual one
			continue
		case weight[f.Mode] > weight[strict.Mode]:
			strict.Mode, strict.Since, strict.GraceDays = f.Mode, f.Since, f.GraceDays
		case f.Mode == strict.Mode:
			strict.GraceDays = min(strict.GraceDays, f.GraceDays)
		}
		strict.RememberDays = min(strict.RememberDays, f.RememberDays)
		strict.PasskeyOnly = strict.PasskeyOnly || f.PasskeyOnly
	}
	return strict, nil
}
