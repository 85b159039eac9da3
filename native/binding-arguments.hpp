// What a function of the addon receives from JavaScript.
#pragma once
#include <node_api.h>

#include <string>
#include <type_traits>
#include <utility>

#include "instruction-sets.hpp"

namespace strata {

struct Context {
  const KernelTable* kernels;
  Pool pool;
};

// Arguments, read from left to right. The first one is a Context; null means that an argument is absent.
struct Arguments {
  napi_env env;
  napi_value values[24];
  size_t next = 0;

  void* pointer() {
    napi_value value = values[next++];
    napi_valuetype type;
    void* data = nullptr;
    size_t length;
    if (napi_typeof(env, value, &type) == napi_ok && type == napi_object)
      napi_get_typedarray_info(env, value, nullptr, &length, &data, nullptr, nullptr);
    return data;
  }
  double number() {
    double value = 0;
    napi_get_value_double(env, values[next++], &value);
    return value;
  }
  // An array of views, each followed by its dtype code.
  ElementsList elementsList() {
    napi_value list = values[next++];
    uint32_t length = 0;
    napi_get_array_length(env, list, &length);
    ElementsList elements(length / 2);
    for (uint32_t i = 0; i < length / 2; i++) {
      Arguments entry{env, {}};
      napi_get_element(env, list, 2 * i, &entry.values[0]);
      napi_get_element(env, list, 2 * i + 1, &entry.values[1]);
      const void* data = entry.pointer();
      elements[i] = {data, static_cast<DType>(entry.number())};
    }
    return elements;
  }
  template <typename T>
  T take() {
    if constexpr (std::is_same_v<T, Pool&>) {
      return context().pool;
    } else if constexpr (std::is_same_v<T, Elements>) {
      const void* data = pointer();
      return Elements{data, static_cast<DType>(number())};
    } else if constexpr (std::is_same_v<T, MutableElements>) {
      void* data = pointer();
      return MutableElements{data, static_cast<DType>(number())};
    } else if constexpr (std::is_same_v<T, ElementsList>) {
      return elementsList();
    } else if constexpr (std::is_pointer_v<T>) {
      return static_cast<T>(pointer());
    } else if constexpr (std::is_same_v<T, bool>) {
      bool value = false;
      napi_get_value_bool(env, values[next++], &value);
      return value;
    } else {
      return static_cast<T>(number());
    }
  }
  Context& context() {
    void* data = nullptr;
    napi_get_value_external(env, values[next++], &data);
    return *static_cast<Context*>(data);
  }
};

inline Arguments argumentsOf(napi_env env, napi_callback_info info) {
  Arguments arguments{env, {}};
  size_t count = 24;
  napi_get_cb_info(env, info, &count, arguments.values, nullptr, nullptr);
  return arguments;
}

template <typename... P, size_t... I>
inline void callWith(void (*const& kernel)(P...), Arguments& arguments, std::index_sequence<I...>) {
  // Braces fix the order in which the arguments are read.
  struct Call {
    Call(void (*f)(P...), P... p) { f(p...); }
  };
  Call{kernel, arguments.take<P>()...};
}
template <typename... P>
inline void callKernel(void (*const& kernel)(P...), Arguments& arguments) {
  callWith(kernel, arguments, std::index_sequence_for<P...>());
}

inline std::string textOf(napi_env env, napi_value value) {
  size_t length = 0;
  napi_get_value_string_utf8(env, value, nullptr, 0, &length);
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, text.data(), length + 1, &length);
  return text;
}

}  // namespace strata
