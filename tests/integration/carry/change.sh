# change.sh DIR: what happens to nasty.py's tree between a warm copy and the frozen rest.
# shellcheck shell=sh
cd "$1" || exit 1
rm -r d/link d/empty && mv big big2 && echo more >>d/file
rm outside && mkdir outside && echo inside >outside/passwd
rm -r sticky && ln -s /etc sticky
touch empty && chmod 600 -- -dash && ln d/a:b d/third
mkdir 'new
dir' && echo x >'new
dir/f
g'
printf changed >'d/new
line'
chown 5:6 n*
