package identity

import "context"

type houseKey struct{}

// WithHouse lets jobs and listeners done under ctx look people up. The house sets it once.
func WithHouse(ctx context.Context, h *House) context.Context {
	return context.WithValue(ctx, houseKey{}, h)
}

// HouseOf is the house of ctx; nil where nobody set one.
func HouseOf(ctx context.Context) *House {
	h, _ := ctx.Value(houseKey{}).(*House)
	return h
}
