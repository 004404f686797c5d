"""The password: where it comes from, and that it stays nowhere."""

import os

import pytest

from urbansound.errors import BadConfig
from urbansound.ui.gate.password import FILE, TEXT, read_password


def test_without_one_there_is_none():
    assert read_password() is None


def test_a_files_first_line_is_the_password_and_no_process_inherits_it(tmp_path, monkeypatch):
    (tmp_path / "password").write_text("correct horse \nmore\n")
    monkeypatch.setenv(FILE, str(tmp_path / "password"))
    monkeypatch.setenv(TEXT, "another one")
    password = read_password()
    assert password is not None
    assert password.fits("correct horse")
    assert not password.fits("another one")
    assert not {FILE, TEXT} & set(os.environ)


def test_the_text_itself_is_not_kept(monkeypatch):
    monkeypatch.setenv(TEXT, "correct horse")
    password = read_password()
    assert password is not None
    assert "correct" not in repr(vars(password))


@pytest.mark.parametrize("text", ["", "123456789"])
def test_a_short_one_is_refused(text, monkeypatch):
    monkeypatch.setenv(TEXT, text)
    with pytest.raises(BadConfig, match="at least 10"):
        read_password()


def test_a_file_that_windows_own_editor_wrote_has_the_same_password(tmp_path, monkeypatch):
    (tmp_path / "password").write_bytes(b"\xef\xbb\xbfcorrect horse\r\n")
    monkeypatch.setenv(FILE, str(tmp_path / "password"))
    password = read_password()
    assert password is not None
    assert password.fits("correct horse")


@pytest.mark.parametrize("path", ["~no-such-user/password", "."])
def test_a_path_that_is_none_is_named_too(path, monkeypatch):
    monkeypatch.setenv(FILE, path)
    with pytest.raises(BadConfig, match="cannot be read"):
        read_password()


def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv(FILE, str(tmp_path / "gone"))
    with pytest.raises(BadConfig, match="gone"):
        read_password()
