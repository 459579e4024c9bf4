package tenant

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/price"
	"runes.im/platform/store"
)

// Order is what somebody chose who made an organisation by themselves, at the prices of that day.
type Order struct {
	DraftID, AccountID string
	Method             string // of payment; empty while a price is still to be named
	Currency           string
	Choice             price.Choice
	Lines              []price.Line
}

// mostFounded is how many organisations one account may make within a day.
const mostFounded = 3

// MayFound refuses an account that made many organisations today.
func (r *Registry) MayFound(ctx context.Context, accountID string) error {
	return mayFound(ctx, r.o.System, accountID)
}

func mayFound(ctx context.Context, db store.Reader, accountID string) error {
	var made int
	since := clock.Text(clock.Now(ctx).Add(-24 * time.Hour))
	err := db.QueryRow(ctx, `SELECT COUNT(*) FROM tenant_orders WHERE account_id = ? AND made_at > ?`, accountID, since).Scan(&made)
	if err == nil && made >= mostFounded {
		err = fault.New(fault.TooMany, "tenant.founded_often", "max", mostFounded)
	}
	return err
}

// PutOrder writes it in the transaction that makes the tenant exist. A draft that made one already is a fault.Conflict.
func PutOrder(ctx context.Context, tx *store.Tx, tenantID string, o Order) error {
	if err := mayFound(ctx, tx, o.AccountID); err != nil {
		return err
	}
	choice, wrong := json.Marshal(o.Choice)
	lines, err := json.Marshal(o.Lines)
	if err = errors.Join(wrong, err); err != nil {
		return err
	}
	// Whoever was answered before they were done waits no longer.
	_, err = tx.Exec(ctx, `INSERT INTO tenant_orders (tenant_id, draft_id, account_id, state, method, currency, choice, lines, made_at)
		VALUES (?1, ?2, ?3, CASE WHEN EXISTS (SELECT 1 FROM tenant_quotes WHERE draft_id = ?2 AND state = 'open') THEN 'quote' ELSE 'agreed' END,
			?4, ?5, ?6, ?7, ?8)`,
		tenantID, o.DraftID, o.AccountID, o.Method, o.Currency, string(choice), string(lines), clock.Text(clock.Now(ctx)))
	if store.IsTaken(err) {
		return fault.New(fault.Conflict, "tenant.founded_already")
	}
	return err
}

// FoundedBy is the tenant that the account's draft became; empty while it is none.
func (r *Registry) FoundedBy(ctx context.Context, draftID, accountID string) (tenantID string, err error) {
	err = r.o.System.QueryRow(ctx, `SELECT tenant_id FROM tenant_orders WHERE draft_id = ? AND account_id = ?`, draftID, accountID).Scan(&tenantID)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return tenantID, err
}

// CurrencyOf is what the tenant's maker chose to be charged in; empty where nobody chose.
func CurrencyOf(ctx context.Context, system store.Reader, tenantID string) (code string, err error) {
	err = system.QueryRow(ctx, `SELECT currency FROM tenant_orders WHERE tenant_id = ?`, tenantID).Scan(&code)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return code, err
}

// AwaitingQuote are the tenants, by id, whose makers wait for a price.
func (r *Registry) AwaitingQuote(ctx context.Context) (map[string]bool, error) {
	rows, err := r.o.System.Query(ctx, `SELECT tenant_id FROM tenant_orders WHERE state = 'quote' ORDER BY tenant_id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	waiting := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		waiting[id] = true
	}
	return waiting, rows.Err()
}
