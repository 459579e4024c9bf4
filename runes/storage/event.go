package storage

// FileCreated tells of a new file or folder.
type FileCreated struct {
	ID     int64  `json:"id"`
	Path   string `json:"path"` // in the drive of whoever did it
	Folder bool   `json:"folder"`
	Size   int64  `json:"size"`
}

// Topic names the news.
func (FileCreated) Topic() string { return "storage.file_created" }

// FileUpdated tells that a file has another content.
type FileUpdated struct {
	ID   int64  `json:"id"`
	Path string `json:"path"`
	Size int64  `json:"size"`
}

// Topic names the news.
func (FileUpdated) Topic() string { return "storage.file_updated" }

// FileMoved tells that a file or folder has another name or place.
type FileMoved struct {
	ID     int64  `json:"id"`
	From   string `json:"from"`
	Path   string `json:"path"`
	Folder bool   `json:"folder"`
}

// Topic names the news.
func (FileMoved) Topic() string { return "storage.file_moved" }

// FileDeleted tells that a file or folder went to the trash.
type FileDeleted struct {
	ID     int64  `json:"id"`
	Path   string `json:"path"`
	Folder bool   `json:"folder"`
}

// Topic names the news.
func (FileDeleted) Topic() string { return "storage.file_deleted" }

// FileRestored tells that a file or folder came back from the trash.
type FileRestored struct {
	ID     int64  `json:"id"`
	Path   string `json:"path"`
	Folder bool   `json:"folder"`
}

// Topic names the news.
func (FileRestored) Topic() string { return "storage.file_restored" }

// QuotaWarning tells that a home filled up beyond 80 or 95 percent.
type QuotaWarning struct {
	Member  string `json:"member"`
	Percent int    `json:"percent"` // 80 or 95
}

// Topic names the news.
func (QuotaWarning) Topic() string { return "storage.quota_warning" }
