package app

// startWork begins what runs beside requests: deliveries and jobs. The returned function ends it and waits.
func (a *App) startWork() (stop func()) {
	return func() {}
}
