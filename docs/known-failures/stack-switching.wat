(module
  (type $function (func))
  (type $continuation (cont $function))
  (func $called)
  (elem declare func $called)
  (func (export "_start")
    (resume $continuation (cont.new $continuation (ref.func $called)))))
