package identity

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/notify"
	"runes.im/platform/secret"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Kinds of second factors.
const (
	TOTP    = "totp"    // codes of an app, RFC 6238
	Passkey = "passkey" // WebAuthn
)

// Factor is something a person proves besides the password. It belongs to the account, in every organisation.
type Factor struct {
	ID, Kind, Name string
	MadeAt         time.Time
	UsedAt         time.Time // zero while unused
	Host           string    // of a passkey: where it works
}

// Limits of factors.
const (
	maxFactors    = 10
	recoveryCodes = 10
	totpPeriod    = 30 // seconds
	totpBytes     = 20
)

// KeepSecrets gives the house the box in which the secrets of factors lie; once, at start.
func (h *House) KeepSecrets(box *secret.Box) { h.box = box }

// Factors are those of the person, the oldest first.
func (h *House) Factors(ctx context.Context, p *Person) ([]Factor, error) {
	return h.factors(ctx, p.AccountID)
}

func (h *House) factors(ctx context.Context, accountID string) ([]Factor, error) {
	rows, err := h.system.Query(ctx, `SELECT id, kind, name, host, made_at, coalesce(used_at, '') FROM identity_factors
		WHERE account_id = ? ORDER BY made_at, id`, accountID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Factor
	for rows.Next() {
		var f Factor
		var made, used string
		if err := rows.Scan(&f.ID, &f.Kind, &f.Name, &f.Host, &made, &used); err != nil {
			return nil, err
		}
		if f.MadeAt, err = clock.Parse(made); err != nil {
			return nil, err
		}
		if used != "" {
			if f.UsedAt, err = clock.Parse(used); err != nil {
				return nil, err
			}
		}
		found = append(found, f)
	}
	return found, rows.Err()
}

// WithFactors are the accounts, of those given, that have a second factor.
func (h *House) WithFactors(ctx context.Context, accountIDs []string) (map[string]bool, error) {
	rows, err := h.system.Query(ctx, `SELECT DISTINCT account_id FROM identity_factors WHERE account_id IN (SELECT value FROM json_each(?))`, list(accountIDs))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]bool{}
	for rows.Next() {
		var accountID string
		if err := rows.Scan(&accountID); err != nil {
			return nil, err
		}
		found[accountID] = true
	}
	return found, rows.Err()
}

// NewTOTP is a secret for an app and the address of its QR code (otpauth://). Nothing is kept until a code proves it. key
// is a secret made before, to show it again after a wrong code; empty makes a fresh one.
func NewTOTP(company, email, key string) (secret, address string, err error) {
	o := totp.GenerateOpts{Issuer: strings.ReplaceAll(company, ":", " "), AccountName: email, Period: totpPeriod, SecretSize: totpBytes}
	if raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(key); err == nil && len(raw) == totpBytes {
		o.Secret = raw
	}
	made, err := totp.Generate(o)
	if err != nil {
		return "", "", err
	}
	return made.Secret(), made.URL(), nil
}

// AddTOTP keeps a secret that the code proves, and answers recovery codes if these are the person's first ones.
func (h *House) AddTOTP(ctx context.Context, t *tenant.Tenant, p *Person, key, code, name string) (recovery []string, err error) {
	step, ok := totpStep(key, code, clock.Now(ctx))
	form := fault.Form{}
	form.Need(ok, "code", "identity.code_wrong")
	if err := form.Err(); err != nil {
		return nil, err
	}
	return h.addFactor(ctx, t, p, Factor{Kind: TOTP, Name: name}, nil, []byte(key), step)
}

func (h *House) addFactor(ctx context.Context, t *tenant.Tenant, p *Person, f Factor, handle, plain []byte, step int64) (recovery []string, err error) {
	f.ID, f.Name = id.New(), strings.TrimSpace(f.Name)
	if err := checkFactorName(f.Name); err != nil {
		return nil, err
	}
	rule, err := h.FactorRuleOf(ctx, t, p)
	if err != nil {
		return nil, err
	}
	if rule.Mode == FactorsOff {
		return nil, fault.New(fault.Conflict, "identity.factors_off")
	}
	err = h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		recovery, err = h.putFactor(ctx, tx, p.AccountID, f, handle, plain, step)
		return errors.Join(err, h.voidSessions(ctx, tx, p.AccountID))
	})
	if err != nil {
		return nil, err
	}
	if err := h.keepThis(ctx, t, p); err != nil {
		return nil, err
	}
	return recovery, h.tellFactor(ctx, t, p, "identity.factor_added", f.Name)
}

// putFactor keeps a factor of the account, and answers recovery codes if these are its first ones.
func (h *House) putFactor(ctx context.Context, tx *store.Tx, accountID string, f Factor, handle, plain []byte, step int64) (recovery []string, err error) {
	var factors, codes int
	err = tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM identity_factors WHERE account_id = ?), (SELECT COUNT(*) FROM identity_recovery_codes WHERE account_id = ?)`,
		accountID, accountID).Scan(&factors, &codes)
	if err != nil {
		return nil, err
	}
	if factors >= maxFactors {
		return nil, fault.New(fault.Conflict, "identity.factors_full", "max", maxFactors)
	}
	if handle == nil {
		handle = []byte{}
	}
	_, err = tx.Exec(ctx, `INSERT INTO identity_factors (id, account_id, kind, name, handle, host, secret, last_step, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		f.ID, accountID, f.Kind, f.Name, handle, f.Host, h.box.Seal("factor:"+f.ID, plain), step, clock.Text(clock.Now(ctx)))
	if err == nil && codes == 0 {
		recovery, err = newRecovery(ctx, tx, accountID)
	}
	return recovery, err
}

// voidSessions ends every session of the account in every organisation, within the write that changed its factors: whoever
// got in before does not stay in after. keepThis spares the one at work.
func (h *House) voidSessions(ctx context.Context, tx *store.Tx, accountID string) error {
	tx.AfterCommit(func() { h.accounts.Add(1) })
	_, err := tx.Exec(ctx, `UPDATE identity_accounts SET credential = credential + 1 WHERE id = ?`, accountID)
	return err
}

// keepThis lets the session go on in which the person changed their factors, and ends the pages of all others.
func (h *House) keepThis(ctx context.Context, t *tenant.Tenant, p *Person) error {
	err := t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE identity_sessions SET credential = credential + 1 WHERE id = ? AND credential = ?`, p.Session, p.credential)
		if err != nil {
			return err
		}
		n, err := h.endSessions(ctx, tx, t, "ended", p.ID, `id <> ?`, p.Session)
		if err != nil || n == 0 {
			return err
		}
		return tx.Emit(ctx, sessionsEnded{ID: p.ID})
	})
	if err != nil {
		return err
	}
	return h.endEverywhere(ctx, p.AccountID, t.ID)
}

func checkFactorName(name string) error {
	form := fault.Form{}
	form.Need(strings.TrimSpace(name) != "", "name", "identity.factor_name")
	form.Need(len(name) <= 100, "name", "identity.role_long", "max", 100)
	return form.Err()
}

// tellFactor writes the log and warns the person: whoever steals a session begins with this.
func (h *House) tellFactor(ctx context.Context, t *tenant.Tenant, p *Person, what, name string) error {
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := audit.Record(ctx, tx, audit.Entry{Action: what, Object: "member:" + p.ID, Title: p.Name, After: map[string]any{"factor": name}}); err != nil {
			return err
		}
		return notify.Send(ctx, tx, notify.Note{To: p.ID, Kind: what, Icon: "shield", Link: NotMePath, Security: true, Args: []string{"name", name}})
	})
}

// DropFactor takes one away. With the last one the recovery codes go. The only way in of somebody without a password stays.
func (h *House) DropFactor(ctx context.Context, t *tenant.Tenant, p *Person, factorID string) error {
	var name string
	err := h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		err := tx.QueryRow(ctx, `DELETE FROM identity_factors WHERE id = ? AND account_id = ? RETURNING name`, factorID, p.AccountID).Scan(&name)
		if err != nil {
			return errors.Join(fault.New(fault.NotFound, "identity.factor_missing"), err)
		}
		if err := someWayIn(ctx, tx, p.AccountID); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM identity_recovery_codes WHERE account_id = ? AND NOT EXISTS (SELECT 1 FROM identity_factors WHERE account_id = ?)`,
			p.AccountID, p.AccountID)
		return errors.Join(err, h.voidSessions(ctx, tx, p.AccountID))
	})
	if err != nil {
		return err
	}
	if err := h.keepThis(ctx, t, p); err != nil {
		return err
	}
	return h.tellFactor(ctx, t, p, "identity.factor_removed", name)
}

// ResetFactors takes all second factors of a member away, for somebody who lost their phone. by needs to hold what the
// member holds, and the account must belong to this organisation alone.
func (h *House) ResetFactors(ctx context.Context, t *tenant.Tenant, by *Person, memberID string) error {
	var p *Person
	err := h.manage(ctx, t, by, memberID, func(_ context.Context, _ *store.Tx, found *Person) error { p = found; return nil })
	if err != nil {
		return err
	}
	err = h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := belongsHere(ctx, tx, p); err != nil {
			return err
		}
		for _, query := range []string{`DELETE FROM identity_factors WHERE account_id = ?`, `DELETE FROM identity_recovery_codes WHERE account_id = ?`} {
			if _, err := tx.Exec(ctx, query, p.AccountID); err != nil {
				return err
			}
		}
		if err := someWayIn(ctx, tx, p.AccountID); fault.Is(err, fault.Conflict) {
			return fault.New(fault.Conflict, "identity.only_way", "name", p.Name)
		} else if err != nil {
			return err
		}
		return h.voidSessions(ctx, tx, p.AccountID)
	})
	if err != nil {
		return err
	}
	if err := h.keepThis(ctx, t, p); err != nil {
		return err
	}
	return h.tellFactor(ctx, t, p, "identity.factors_reset", "")
}

// RenewRecovery replaces the recovery codes: the old ones open nothing any more. They are shown this once.
func (h *House) RenewRecovery(ctx context.Context, t *tenant.Tenant, p *Person) (codes []string, err error) {
	err = h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		codes, err = newRecovery(ctx, tx, p.AccountID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return codes, h.tellFactor(ctx, t, p, "identity.recovery_renewed", "")
}

// RecoveryLeft is how many recovery codes the person has not used.
func (h *House) RecoveryLeft(ctx context.Context, p *Person) (n int, err error) {
	err = h.system.QueryRow(ctx, `SELECT COUNT(*) FROM identity_recovery_codes WHERE account_id = ?`, p.AccountID).Scan(&n)
	return n, err
}

func newRecovery(ctx context.Context, tx *store.Tx, accountID string) ([]string, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM identity_recovery_codes WHERE account_id = ?`, accountID); err != nil {
		return nil, err
	}
	var codes []string
	for range recoveryCodes {
		random := make([]byte, 10)
		rand.Read(random)
		text := strings.ToLower(base32.StdEncoding.EncodeToString(random))
		code := text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
		key := recoveryKey(code)
		if _, err := tx.Exec(ctx, `INSERT INTO identity_recovery_codes (account_id, code_hash) VALUES (?, ?)`, accountID, key[:]); err != nil {
			return nil, err
		}
		codes = append(codes, code)
	}
	return codes, nil
}

// recoveryKey is a code however it is typed.
func recoveryKey(code string) fingerprint {
	return fingerprintOf(strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(code)))
}

// totpStep is the time step of a right code: this one, the one before or the one after.
func totpStep(key, code string, now time.Time) (step int64, ok bool) {
	code = strings.ReplaceAll(code, " ", "")
	for _, skew := range []int64{0, -1, 1} {
		step := now.Unix()/totpPeriod + skew
		right, err := totp.ValidateCustom(code, key, time.Unix(step*totpPeriod, 0), totp.ValidateOpts{Period: totpPeriod, Digits: otp.DigitsSix})
		if err == nil && right {
			return step, true
		}
	}
	return 0, false
}

// opensFactor reports whether the code is one of the account's: of an app, each step once, or a recovery code, used up by
// this. It answers which kind it was.
func (h *House) opensFactor(ctx context.Context, accountID, code string, recoveryOnly bool) (kind string, err error) {
	err = h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		key := recoveryKey(code)
		done, err := tx.Exec(ctx, `DELETE FROM identity_recovery_codes WHERE account_id = ? AND code_hash = ?`, accountID, key[:])
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n > 0 {
			kind = "recovery"
			return err
		}
		if recoveryOnly {
			return nil
		}
		kind, err = h.opensTOTP(ctx, tx, accountID, code)
		return err
	})
	return kind, err
}

func (h *House) opensTOTP(ctx context.Context, tx *store.Tx, accountID, code string) (string, error) {
	rows, err := tx.Query(ctx, `SELECT id, secret, last_step FROM identity_factors WHERE account_id = ? AND kind = 'totp' ORDER BY id`, accountID)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	now := clock.Now(ctx)
	for rows.Next() {
		var factorID string
		var sealed []byte
		var last int64
		if err := rows.Scan(&factorID, &sealed, &last); err != nil {
			return "", err
		}
		plain, err := h.box.Open("factor:"+factorID, bytes.Clone(sealed))
		if err != nil {
			return "", err
		}
		step, ok := totpStep(string(plain), code, now)
		if !ok || step <= last {
			continue
		}
		if err := rows.Close(); err != nil {
			return "", err
		}
		_, err = tx.Exec(ctx, `UPDATE identity_factors SET last_step = ?, used_at = ? WHERE id = ?`, step, clock.Text(now), factorID)
		return TOTP, err
	}
	return "", rows.Err()
}
