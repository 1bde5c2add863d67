# world.sh - for tests of whole commands with a kernel that is built in a moment: a cache, data and a
# kernel tree (./tree) of their own, with the platform "fake". A test sources it after tap.sh.
# shellcheck shell=sh
. "$SRCDIR/tests/own-cache.sh"

# fake_world WHAT: sets TINYX_CACHE, TINYX_DATADIR, FAKE_LOG, shared; skips WHAT where it cannot be made.
fake_world() {
	for real in "$TINYX_CACHE"/src/linux-6.1*; do break; done
	if [ ! -d "$real/scripts/kconfig" ]; then
		skip "$1" "no unpacked kernel source with scripts/kconfig in $TINYX_CACHE/src"
		finish
	fi
	# What is dear is the real cache's, with its locks; what comes of fake trees goes when the test ends.
	own_cache "$TINYX_CACHE/fake-kernel/${0##*/}" apt base busybox busybox-source ccache debs installed locks overlay tmp unpacked

	# Data with a platform of its own, a tree with a real scripts/kconfig, a recipe without packages.
	mkdir -p data/kconfig-heuristics/platforms data/recipes
	for f in rootfs scripts; do ln -s "$SRCDIR/$f" data/$f; done
	cp -R "$SRCDIR/kconfig-heuristics/." data/kconfig-heuristics
	# No rules: the fake kernel knows no futex.
	rm data/kconfig-heuristics/features/*.config
	cat >data/kconfig-heuristics/platforms/fake.conf <<'X'
# A platform of data alone: no loader that asks for anything.
[platform]
description=a kernel for tests
fragment=fake.config
kernel=bzImage
console=hvc0
end=poweroff
shutdown=hypervisor
launchers=xl
xl-type=pv
X
	cat >data/kconfig-heuristics/platforms/fake.config <<'X'
CONFIG_EXPERT=y  # for the map
CONFIG_BASE=y  # the platform itself
CONFIG_PULLER=y  # it pulls the helper
X
	echo 'CONFIG_EXPERT=y  # other symbols need it' >data/kconfig-heuristics/keep.config
	echo '2000  CONFIG_PACK_TIGHT=y  # tighter' >data/kconfig-heuristics/values.config
	cp -R "$SRCDIR/tests/fake-kernel" tree
	cp -R "$real/scripts" tree/scripts
	# A kernel's build writes to few folders: this is one of them.
	mkdir -p "$TINYX_CACHE/objects"
	TINYX_DATADIR=$PWD/data FAKE_LOG=$TINYX_CACHE/objects/fake-builds
	ln -s "$FAKE_LOG" builds
	export TINYX_DATADIR FAKE_LOG
}
