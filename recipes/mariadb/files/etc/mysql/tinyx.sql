create database if not exists shop;
create user if not exists app@'%' identified by 'apples';
grant all on shop.* to app@'%';
