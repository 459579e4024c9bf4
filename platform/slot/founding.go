package slot

import (
	"context"

	"runes.im/platform/store"
)

// Company is what somebody says of an organisation while they make it.
type Company struct {
	Name, Address, PostalCode, City string
	Country                         string // ISO 3166, two letters
	Phone, Email, VAT               string
}

// Founding is what a rune does in an organisation that is being made: in the write that activates it, or not at all.
type Founding struct {
	Do func(ctx context.Context, tx *store.Tx, c Company) error
}

// Payment is a way to pay. The house has one, by invoice; a provider's rune adds its own.
type Payment struct {
	ID, Icon    string
	Title, Text string // words keys
}

// The meeting points of organisations that are being made.
var (
	Foundings = Slot[Founding]{"founding"}
	Payments  = Slot[Payment]{"payment"}
)
