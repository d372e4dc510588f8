#!/bin/sh
# Stands in for dpkg: notes in WORLD/apt/status what would be installed, and
# changes nothing else. Waits for as long as WORLD/apt/stall is there.
PATH=/usr/bin:/bin
cd WORLD/apt || exit 1
case "$*" in
*--configure\ -a*) rm -f updates/* ;;
esac
for arg; do
    if [ -d "$arg" ]; then set -- "$@" "$arg"/*.deb; fi
done
unpacked=
for arg; do
    case "$arg" in
    *.deb)
        unpacked=1
        package=$(dpkg-deb -f "$arg" Package)
        dpkg-deb -f "$arg" Package Version Architecture >"installed/$package"
        echo 'Status: install ok installed' >>"installed/$package"
        echo >>"installed/$package"
        ;;
    esac
done
if [ -n "$unpacked" ]; then
    : >started
    while [ -e stall ]; do sleep 0.05; done
    cat installed/* >status.new && mv status.new status
fi
