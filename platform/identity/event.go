package identity

import "runes.im/platform/store"

// Events are the news that this room sends, under the name of the rune whose screens show people.
func Events() []store.Event {
	return []store.Event{userJoined{}, userSuspended{}, userDeactivated{}, userReactivated{}, userInvited{}, roleCreated{}, roleUpdated{}, roleDeleted{}, roleMembersChanged{}, sessionsEnded{}}
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

type userDeactivated struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (userDeactivated) Topic() string { return "team.user_deactivated" }

// roleNews is what news of roles tells.
type roleNews struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type (
	roleCreated roleNews
	roleUpdated roleNews
	roleDeleted roleNews
)

func (roleCreated) Topic() string { return "team.role_created" }
func (roleUpdated) Topic() string { return "team.role_updated" }
func (roleDeleted) Topic() string { return "team.role_deleted" }

type roleMembersChanged struct {
	Member  string   `json:"member"`
	Added   []string `json:"added"` // ids of roles
	Removed []string `json:"removed"`
}

func (roleMembersChanged) Topic() string { return "team.role_members_changed" }

type userInvited struct {
	ID    string `json:"id"` // of the invitation
	Email string `json:"email"`
}

func (userInvited) Topic() string { return "team.user_invited" }
