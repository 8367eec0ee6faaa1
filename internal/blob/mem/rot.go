package mem

import "time"

// Replace puts other bytes under a committed key, as rot or a stranger's hand
// would, and leaves the change to be seen in the stamp. It is for tests.
func (s *Store) Replace(key string, bytes []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stamp++
	s.used += int64(len(bytes) - len(s.objects[key].bytes))
	s.objects[key] = entry{bytes: bytes, modified: time.Now(), stamp: s.stamp}
}
