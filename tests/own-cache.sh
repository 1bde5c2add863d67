# own-cache.sh - a test's own cache, which has only some folders of the real one: a test sources it after tap.sh.
# shellcheck shell=sh

# own_cache DIR FOLDER...: DIR is made anew and becomes TINYX_CACHE; FOLDERs in it are the real cache's, `shared`,
# with their locks
own_cache() {
	shared=$TINYX_CACHE
	TINYX_CACHE=$1
	shift
	rm -rf "$TINYX_CACHE"
	mkdir -p "$TINYX_CACHE"
	for f; do
		mkdir -p "$shared/$f" && ln -s "$shared/$f" "$TINYX_CACHE/$f"
	done
}
