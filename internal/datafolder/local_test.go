package datafolder

import (
	"strings"
	"testing"
)

func TestNetworkFileSystemsAreRefused(t *testing.T) {
	for magic, name := range map[uint32]string{0x6969: "NFS", 0xff534d42: "CIFS", 0xfe534d42: "SMB2"} {
		err := localType("/mnt/share", magic)
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "/mnt/share") {
			t.Errorf("magic %#x: %v, want a refusal that names %s", magic, err, name)
		}
	}
	for name, magic := range map[string]uint32{"ext4": 0xef53, "xfs": 0x58465342, "btrfs": 0x9123683e, "tmpfs": 0x01021994, "overlay": 0x794c7630} {
		if err := localType("/data", magic); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
