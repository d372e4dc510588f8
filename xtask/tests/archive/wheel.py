"""wheel.py DIRECTORY NAME VERSION CONTENT: writes a wheel with one program."""

import sys
import zipfile

directory, name, version, content = sys.argv[1:]
info = f"{name}-{version}.dist-info"
files = {
    f"{name}/program": content,
    f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
    f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}
record = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
with zipfile.ZipFile(f"{directory}/{name}-{version}-py3-none-any.whl", "w") as wheel:
    for file, text in {**files, f"{info}/RECORD": record}.items():
        # A time of its own would make the file another one each time.
        wheel.writestr(zipfile.ZipInfo(file), text)
