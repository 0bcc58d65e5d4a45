# What `cmake --install` puts where, and the Debian package that `cpack` makes of it (./dev package).
include(GNUInstallDirs)

install(TARGETS turnout RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS turnout-bot-host RUNTIME DESTINATION libexec/turnout)  # helperProgram()
install(DIRECTORY scenarios/ DESTINATION ${CMAKE_INSTALL_DATADIR}/turnout/scenarios
        FILES_MATCHING PATTERN "*.json")
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md" PATTERN "decisions" EXCLUDE)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
# Man pages and completions: the program knows its own options.
install(CODE "
  execute_process(COMMAND \"$<TARGET_FILE:turnout>\" manual
                  --into \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}\"
                  COMMAND_ERROR_IS_FATAL ANY)")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME turnout)
set(CPACK_PACKAGE_CONTACT "the turnout project <turnout@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "how often and how fast WebRTC calls connect, for each TURN configuration")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME turnout.deb)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# What no library tells: plugins of GStreamer, the TLS of GLib, and the programs that runs start.
set(CPACK_DEBIAN_PACKAGE_DEPENDS
    "gstreamer1.0-plugins-base, gstreamer1.0-plugins-good, gstreamer1.0-plugins-bad, gstreamer1.0-nice, \
glib-networking, coturn, openssl, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "iproute2, nftables")  # turnout lab
include(CPack)
