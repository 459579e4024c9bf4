package shell

import (
	"cmp"
	"context"
	"slices"

	"runes.im/platform/desk"
	"runes.im/platform/identity"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// stepsChoice is the choice of the desk that keeps the checklist away from somebody's Home.
const stepsChoice = "setup"

// ownSteps are those of the house itself.
var ownSteps = []slot.Step{{
	ID: "house.factor", Icon: "shield-check", Title: "shell.step_factor", Text: "shell.step_factor_text", Link: ownSecurity, Order: 50,
	Done: func(ctx context.Context, a slot.Asker) (bool, error) {
		factors, err := identity.HouseOf(ctx).Factors(ctx, a.Person)
		return len(factors) > 0, err
	},
}}

// checklist is what there is to set up, as a page shows it.
type checklist struct {
	Steps      []toDo
	Done, All  int
	Figure     string
	CanHide    bool // it stands on Home
	CanBring   bool // it is not on Home any more
	IsFinished bool
}

type toDo struct {
	Icon, Title, Text, Href string
	Done                    bool
}

// checklistOf asks the runes; nil for those whom it does not concern, and where there is nothing to do.
func checklistOf(v *web.Visit) (*checklist, error) {
	if !v.Person.Owner && !v.Can(manageOrganization) {
		return nil, nil
	}
	answers, err := slot.Steps.Ask(v.Context(), v.Asker())
	if err != nil {
		return nil, err
	}
	offered := append(slot.Only(answers), ownSteps...)
	slices.SortStableFunc(offered, func(x, y slot.Step) int { return cmp.Compare(x.Order, y.Order) })
	c := new(checklist)
	for _, s := range offered {
		open, err := v.MayOpen(s.Link)
		if err != nil {
			return nil, err
		}
		if !open {
			continue
		}
		done, err := s.Done(v.Context(), v.Asker())
		if err != nil {
			return nil, err
		}
		c.Steps = append(c.Steps, toDo{Icon: s.Icon, Title: v.T(s.Title), Text: v.T(s.Text), Href: s.Link, Done: done})
		if c.All++; done {
			c.Done++
		}
	}
	if c.All == 0 {
		return nil, nil
	}
	c.IsFinished = c.Done == c.All
	c.Figure = v.T("shell.steps_done", "n", c.Done, "all", c.All)
	return c, nil
}

// putChecklist shows on Home what is still to do, unless the person sent it away.
func putChecklist(v *web.Visit, page *homePage) error {
	hidden, err := desk.Choice(v.Context(), v.DB, v.Person.ID, stepsChoice)
	if err != nil || hidden != "" {
		return err
	}
	c, err := checklistOf(v)
	if err != nil || c == nil || c.IsFinished {
		return err
	}
	c.CanHide = true
	page.Checklist = c
	v.Load("setup")
	return nil
}

// settledChecklist is the one in the organisation's settings: it always stands there.
func settledChecklist(v *web.Visit) (*checklist, error) {
	c, err := checklistOf(v)
	if err != nil || c == nil {
		return nil, err
	}
	hidden, err := desk.Choice(v.Context(), v.DB, v.Person.ID, stepsChoice)
	c.CanBring = hidden != "" && !c.IsFinished
	v.Load("setup")
	return c, err
}

func hideChecklist(v *web.Visit) error {
	if err := chooseSteps(v, "hidden"); err != nil {
		return err
	}
	v.Flash(v.T("shell.steps_hidden"), "/home/steps/show")
	return v.Go("/")
}

func showChecklist(v *web.Visit) error {
	if err := chooseSteps(v, ""); err != nil {
		return err
	}
	return v.Go("/")
}

func chooseSteps(v *web.Visit, value string) error {
	return v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		return desk.Choose(ctx, tx, v.Person.ID, stepsChoice, value)
	})
}
