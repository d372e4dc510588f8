(module
  (tag $thrown)
  (func (export "_start")
    (block $caught
      (try_table (catch_all $caught) (throw $thrown)))))
