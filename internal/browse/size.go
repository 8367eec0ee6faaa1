package browse

import "encoding/json"

// held is how many bytes the manifests of each index hold beyond themselves:
// an index knows only how large its manifests are.
func (b *Browser) held(indexes []int64) (map[int64]int64, error) {
	if len(indexes) == 0 {
		return nil, nil
	}
	bytes := make(map[int64]int64, len(indexes))
	err := b.Store.Children(indexes, func(index, size int64, facts string) {
		var child struct{ TotalSize int64 }
		if json.Unmarshal([]byte(facts), &child) == nil && child.TotalSize > size {
			bytes[index] += child.TotalSize - size
		}
	})
	return bytes, err
}
