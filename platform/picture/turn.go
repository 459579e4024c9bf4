package picture

import "context"

// The memory of decoding, by what the headers say. Two light pictures are read at once, a heavy one alone, and a
// heavier one not at all: together never more than most.
const (
	light = 64 << 20
	most  = 184 << 20
)

// decoders is the process's turns: at most two pictures are decoded at once, for all tenants together.
var decoders = newTurns()

// turns are places in front of the decoders.
type turns struct {
	places chan struct{}
	whole  chan struct{} // whoever takes both places takes this first, so that no two hold one each
}

func newTurns() *turns {
	return &turns{places: make(chan struct{}, 2), whole: make(chan struct{}, 1)}
}

// enter waits for one place, or for both.
func (t *turns) enter(ctx context.Context, both bool) (leave func(), err error) {
	if !both {
		return take(ctx, t.places)
	}
	free, err := take(ctx, t.whole)
	if err != nil {
		return nil, err
	}
	first, err := take(ctx, t.places)
	if err != nil {
		free()
		return nil, err
	}
	second, err := take(ctx, t.places)
	if err != nil {
		first()
		free()
		return nil, err
	}
	return func() { second(); first(); free() }, nil
}

func take(ctx context.Context, places chan struct{}) (leave func(), err error) {
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
