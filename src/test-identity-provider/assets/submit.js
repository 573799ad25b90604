document.getElementById('continue').submit()
