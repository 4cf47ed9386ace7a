from django.contrib import admin

admin.site.index_template = "stats/overview.html"
