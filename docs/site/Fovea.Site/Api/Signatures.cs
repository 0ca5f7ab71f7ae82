using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Fovea.Site.Markup;

namespace Fovea.Site.Api;

/// <summary>Members as C# declares them, with links to the types that they name.</summary>
/// <param name="names">Writes the types.</param>
internal sealed class Signatures(TypeNames names)
{
    private readonly NullabilityInfoContext _nullability = new();

    /// <summary>The declaration of a member.</summary>
    /// <param name="member">The member.</param>
    public string Of(MemberInfo member) => member switch
    {
        FieldInfo { DeclaringType.IsEnum: true } value => $"{value.Name} = {Convert.ToString(value.GetRawConstantValue(), CultureInfo.InvariantCulture)}",
        FieldInfo field => $"{Words(Access(field.IsPublic), field.IsLiteral ? "const" : field.IsStatic ? "static" : "", field.IsInitOnly ? "readonly" : "")}"
            + $"{names.Html(field.FieldType, _nullability.Create(field), field)} {field.Name}",
        PropertyInfo property => Property(property),
        EventInfo one => $"{Words(Modifiers(one.AddMethod!), "event")}{names.Html(one.EventHandlerType!, _nullability.Create(one), one)} {one.Name}",
        ConstructorInfo constructor => $"{Words(Access(constructor.IsPublic))}{constructor.DeclaringType!.Name.Split('`')[0]}({Parameters(constructor.GetParameters())})",
        MethodInfo method => Method(method, method.Name.StartsWith("op_", StringComparison.Ordinal) ? "operator " + Operators.Sign(method.Name) : method.Name),
        _ => Html.Text(member.Name),
    };

    /// <summary>The declaration of a delegate, or the answer and parameters of any method under a name.</summary>
    /// <param name="method">The method.</param>
    /// <param name="name">Its name.</param>
    /// <param name="before">Words to write before it; null: its modifiers.</param>
    public string Method(MethodInfo method, string name, string? before = null)
    {
        string generic = method.IsGenericMethod ? $"&lt;{string.Join(", ", method.GetGenericArguments().Select(one => one.Name))}&gt;" : "";
        bool reference = method.ReturnType.IsByRef;
        string answer = (reference ? Words("ref") : "") + names.Html(method.ReturnType, _nullability.Create(method.ReturnParameter), method.ReturnParameter);
        string extension = method.IsDefined(typeof(ExtensionAttribute)) ? Words("this") : "";
        return $"{Words(before ?? Modifiers(method))}{answer} {Html.Text(name)}{generic}({extension}{Parameters(method.GetParameters())})"
            + $"{Constraints.Of(method.GetGenericArguments(), names)}";
    }

    private string Property(PropertyInfo property)
    {
        MethodInfo accessor = property.GetAccessors(true).First(ApiCatalogue.Visible);
        string index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"[{Parameters(parameters)}]" : "";
        string set = property.SetMethod is { } setter && ApiCatalogue.Visible(setter)
            ? setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? Accessor("init") : Accessor("set")
            : "";
        string get = property.GetMethod is { } getter && ApiCatalogue.Visible(getter) ? Accessor("get") : "";
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required" : "";
        string name = index.Length > 0 ? "<span class=\"k\">this</span>" : property.Name;
        return $"{Words(Modifiers(accessor), required)}{names.Html(property.PropertyType, _nullability.Create(property), property)} {name}{index} {{ {get}{set}}}";
    }

    private string Parameters(ParameterInfo[] parameters)
    {
        // Long lists stand one a line.
        string separator = parameters.Length > 3 ? ",\n    " : ", ";
        return (parameters.Length > 3 ? "\n    " : "") + string.Join(separator, parameters.Select(Parameter));
    }

    private string Parameter(ParameterInfo parameter)
    {
        string way = parameter.ParameterType.IsByRef ? parameter.IsOut ? "out" : parameter.IsIn ? "in" : "ref" : "";
        string many = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params" : "";
        string value = parameter.HasDefaultValue ? " = " + Operators.Literal(parameter) : "";
        return $"{Words(many, way)}{names.Html(parameter.ParameterType, _nullability.Create(parameter), parameter)} {parameter.Name}{value}";
    }

    private static string Modifiers(MethodInfo method)
    {
        if (method.DeclaringType!.IsInterface) return method.IsStatic ? method.IsAbstract ? "static abstract" : "static" : "";
        string access = Access(method.IsPublic);
        if (method.IsStatic) return access + " static";
        if (!method.IsVirtual) return access;
        if (method.GetBaseDefinition().DeclaringType != method.DeclaringType) return access + (method.IsFinal ? " sealed override" : " override");
        return access + (method.IsAbstract ? " abstract" : method.IsFinal ? "" : " virtual");
    }

    private static string Accessor(string word) => $"<span class=\"k\">{word}</span>; ";

    private static string Access(bool isPublic) => isPublic ? "public" : "protected";

    private static string Words(params string[] words) => string.Concat(words.Where(word => word.Length > 0).Select(word => $"<span class=\"k\">{word}</span> "));
}
