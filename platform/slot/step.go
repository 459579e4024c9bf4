package slot

import "context"

// Step is one thing to do before an organisation works as it should. Home and the organisation's settings lead its owners and
// administrators there; whether it is done is looked at, never ticked by hand.
type Step struct {
	ID, Icon    string // "brand.look"
	Title, Text string // words keys: the deed, and why
	Link        string // whoever may not open it does not see the step
	Order       int    // the first steps have the lowest
	Done        func(ctx context.Context, a Asker) (bool, error)
}

// Steps is the meeting point of what there is to set up.
var Steps = Slot[Step]{"step"}
