# What the glue's script puts over a devtmpfs, which has nodes only: with /proc the links to it, without it the console.
. "$SRCDIR/tests/tap.sh"

over() { # MOUNTS: what /dev has then
	rm -rf dev
	mkdir dev
	(
		# shellcheck disable=SC2034 # the script reads it
		mounts=$1
		# shellcheck source=/dev/null
		. ./script
	)
	for name in fd stdin stdout stderr; do echo "$name $(readlink dev/$name)"; done
	stat -c '%n %a' dev/pts dev/shm
}

sed "s,/dev/,$PWD/dev/,g" "$SRCDIR/rootfs/glue/dev" >script
cat >expected <<X
fd /proc/self/fd
stdin /proc/self/fd/0
stdout /proc/self/fd/1
stderr /proc/self/fd/2
dev/pts 755
dev/shm 1777
X
over "dev proc" >out
check_same "with /proc its links, and the folders of others" expected out
sed "s,^fd .*,fd ,; s,/proc/self/fd/.*,$PWD/dev/console," expected >console
over "dev" >out
check_same "without /proc the console" console out
finish
