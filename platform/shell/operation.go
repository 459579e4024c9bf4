package shell

import (
	"context"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/tenant"
)

// TenantUse is an organisation as the operator sees it: what it takes, and nothing that is in it.
type TenantUse struct {
	ID       string        `json:"id"`
	Slug     string        `json:"slug"`
	Name     string        `json:"name"`
	State    string        `json:"state"`
	Host     string        `json:"host"`
	Hosts    []string      `json:"hosts"`    // names of its own
	Bytes    int64         `json:"bytes"`    // of its folder on the disk
	Contents int64         `json:"contents"` // bytes of files, each counted once: what the limit is about
	Members  int           `json:"members"`  // active ones
	Runes    []string      `json:"runes"`    // active ones
	Limits   tenant.Limits `json:"limits"`
	MadeAt   time.Time     `json:"made_at"`
	LastUse  time.Time     `json:"last_use,omitzero"`
	Exported time.Time     `json:"last_export,omitzero"`
	DeleteAt time.Time     `json:"delete_at,omitzero"`
	Awaits   string        `json:"awaits,omitempty"` // the address of the owner who was asked and is not there yet
	NoOwner  bool          `json:"no_owner,omitempty"`
	Trouble  string        `json:"trouble,omitempty"` // why it cannot be opened
}

// Operation is what the appliance does for whoever runs it.
type Operation interface {
	// Uses are all organisations by name.
	Uses(ctx context.Context) ([]TenantUse, error)
	// UseOf is one of them.
	UseOf(ctx context.Context, slug string) (TenantUse, error)
	// MakeFor makes an organisation that waits for its owner, and answers the token of their link.
	MakeFor(ctx context.Context, n tenant.New, email, name string) (slug, token string, err error)
	// AskOwner makes a new link for the owner of an organisation that has none.
	AskOwner(ctx context.Context, slug, email, name string) (token string, err error)
	// Allow sets what an organisation may use; runes that are no longer allowed are suspended and keep their data.
	Allow(ctx context.Context, slug string, l tenant.Limits) error
	// Log lists the newest lines of the appliance's own log first; before 0 starts at the newest.
	Log(ctx context.Context, before int64, limit int) ([]audit.Line, error)
}
