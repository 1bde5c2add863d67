create role app login password 'apples'
alter database postgres owner to app
