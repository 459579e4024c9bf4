package tenant

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/price"
	"runes.im/platform/store"
)

// Quote is a question for a price, from the wizard that makes an organisation.
type Quote struct {
	ID, DraftID, AccountID string
	Company                string // as the organisation is to be called
	Name, Email, Message   string
	Choice                 price.Choice
	Tenant                 string // short name, once the organisation exists
	Answered               bool
	Answer                 string
	MadeAt, AnsweredAt     time.Time
}

// mostQuotes is how many questions of one account may be open.
const mostQuotes = 5

// AskQuote keeps a question; the one of the same draft before is written over.
func (r *Registry) AskQuote(ctx context.Context, q Quote) (Quote, error) {
	q.ID, q.MadeAt = id.New(), clock.Now(ctx)
	choice, err := json.Marshal(q.Choice)
	if err != nil {
		return q, err
	}
	err = r.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var open int
		err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM tenant_quotes WHERE account_id = ? AND state = 'open' AND draft_id <> ?`, q.AccountID, q.DraftID).Scan(&open)
		if err != nil {
			return err
		}
		if open >= mostQuotes {
			return fault.New(fault.TooMany, "tenant.quotes_open", "max", mostQuotes)
		}
		err = tx.QueryRow(ctx, `INSERT INTO tenant_quotes (id, draft_id, account_id, company, name, email, message, choice, made_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (draft_id) DO UPDATE SET company = excluded.company, name = excluded.name, email = excluded.email, message = excluded.message,
				choice = excluded.choice, made_at = excluded.made_at, state = 'open' RETURNING id`,
			q.ID, q.DraftID, q.AccountID, q.Company, q.Name, q.Email, q.Message, string(choice), clock.Text(q.MadeAt)).Scan(&q.ID)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "appliance.quote_asked", Object: "quote:" + q.ID, Title: q.Company})
	})
	return q, err
}

// WithdrawQuote takes back the question of a draft that became no organisation.
func (r *Registry) WithdrawQuote(ctx context.Context, draftID, accountID string) error {
	return r.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM tenant_quotes WHERE draft_id = ? AND account_id = ? AND state = 'open'`, draftID, accountID)
		return err
	})
}

// Quotes are all questions, those that wait in front, the oldest first.
func (r *Registry) Quotes(ctx context.Context) ([]Quote, error) {
	rows, err := r.o.System.Query(ctx, `SELECT q.id, q.draft_id, q.account_id, q.company, q.name, q.email, q.message, q.choice, coalesce(t.slug, ''), q.state = 'answered',
			q.answer, q.made_at, q.answered_at
		FROM tenant_quotes q LEFT JOIN tenant_orders o ON o.draft_id = q.draft_id LEFT JOIN tenant_tenants t ON t.id = o.tenant_id
		ORDER BY q.state = 'answered', q.made_at, q.id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Quote
	for rows.Next() {
		var q Quote
		var choice, madeAt, answeredAt string
		err := rows.Scan(&q.ID, &q.DraftID, &q.AccountID, &q.Company, &q.Name, &q.Email, &q.Message, &choice, &q.Tenant, &q.Answered, &q.Answer, &madeAt, &answeredAt)
		if err == nil {
			err = json.Unmarshal([]byte(choice), &q.Choice)
		}
		if err == nil {
			q.MadeAt, err = clock.Parse(madeAt)
		}
		if err == nil && answeredAt != "" {
			q.AnsweredAt, err = clock.Parse(answeredAt)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	return all, rows.Err()
}

// AnswerQuote notes what the operator told the one who asked, and lets the organisation, if there is one, wait no longer.
func (r *Registry) AnswerQuote(ctx context.Context, quoteID, answer string) error {
	return r.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		done, err := tx.Exec(ctx, `UPDATE tenant_quotes SET state = 'answered', answer = ?, answered_at = ? WHERE id = ? AND state = 'open'`,
			answer, clock.Text(clock.Now(ctx)), quoteID)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fault.New(fault.NotFound, "tenant.quote_missing"))
		}
		_, err = tx.Exec(ctx, `UPDATE tenant_orders SET state = 'agreed' WHERE draft_id = (SELECT draft_id FROM tenant_quotes WHERE id = ?)`, quoteID)
		if err != nil {
			return err
		}
		var company string
		if err := tx.QueryRow(ctx, `SELECT company FROM tenant_quotes WHERE id = ?`, quoteID).Scan(&company); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "appliance.quote_answered", Object: "quote:" + quoteID, Title: company})
	})
}
