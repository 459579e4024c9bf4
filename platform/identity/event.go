package identity

import "runes.im/platform/store"

// Events are the news that this room sends, under the name of the rune whose screens show people.
func Events() []store.Event {
	return []store.Event{userJoined{}, userSuspended{}, userReactivated{}, sessionsEnded{}}
}

type userJoined struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

func (userJoined) Topic() string { return "team.user_joined" }

type userSuspended struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (userSuspended) Topic() string { return "team.user_suspended" }

type userReactivated struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (userReactivated) Topic() string { return "team.user_reactivated" }

type sessionsEnded struct {
	ID string `json:"id"`
}

func (sessionsEnded) Topic() string { return "team.sessions_ended" }
