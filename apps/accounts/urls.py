from django.urls import path

from apps.accounts import views

urlpatterns = [
    path("users/me", views.MeView.as_view()),
    path("users/me/stats", views.MyStatsView.as_view()),
    path("users/search", views.UserSearchView.as_view()),
    path("users/<str:user_id>", views.UserView.as_view()),
    path("auth/signup", views.SignupView.as_view()),
    path("auth/login", views.LoginView.as_view()),
    path("auth/refresh", views.RefreshView.as_view()),
    path("auth/password", views.PasswordView.as_view()),
    path("auth/verify", views.VerifyView.as_view()),
    path("auth/me", views.AuthMeView.as_view()),
    path("auth/logout", views.LogoutView.as_view()),
]
