using System.Globalization;
using System.Reflection;
using Fovea.Site.Markup;

namespace Fovea.Site.Api;

/// <summary>Signs and values as C# writes them.</summary>
internal static class Operators
{
    /// <summary>The sign of an operator.</summary>
    /// <param name="name">The name of its method.</param>
    public static string Sign(string name) => name switch
    {
        "op_Addition" or "op_UnaryPlus" => "+",
        "op_Subtraction" or "op_UnaryNegation" => "-",
        "op_Multiply" => "*",
        "op_Division" => "/",
        "op_Equality" => "==",
        "op_Inequality" => "!=",
        "op_LessThan" => "<",
        "op_GreaterThan" => ">",
        "op_BitwiseOr" => "|",
        "op_BitwiseAnd" => "&",
        "op_Implicit" => "implicit",
        "op_Explicit" => "explicit",
        _ => name["op_".Length..],
    };

    /// <summary>The value of a parameter that is left out.</summary>
    /// <param name="parameter">The parameter.</param>
    public static string Literal(ParameterInfo parameter)
    {
        Type type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return parameter.RawDefaultValue switch
        {
            null => type.IsValueType && type == parameter.ParameterType ? "<span class=\"k\">default</span>" : "<span class=\"k\">null</span>",
            bool truth => $"<span class=\"k\">{(truth ? "true" : "false")}</span>",
            string text => $"<span class=\"s\">\"{Html.Text(text)}\"</span>",
            var number when type.IsEnum => $"{type.Name}.{Enum.ToObject(type, number)}",
            var number => $"<span class=\"n\">{Html.Text(Convert.ToString(number, CultureInfo.InvariantCulture)!)}</span>",
        };
    }
}
