using System.Reflection;

namespace Fovea.Site.Api;

/// <summary>The headings under which a type's members stand.</summary>
internal static class MemberGroups
{
    /// <summary>The headings in order.</summary>
    public static readonly string[] Names = ["Values", "Constructors", "Fields", "Properties", "Methods", "Operators", "Events"];

    /// <summary>The heading of a member.</summary>
    /// <param name="member">The member.</param>
    public static string Of(MemberInfo member) => member switch
    {
        FieldInfo { DeclaringType.IsEnum: true } => "Values",
        FieldInfo => "Fields",
        ConstructorInfo => "Constructors",
        PropertyInfo => "Properties",
        EventInfo => "Events",
        MethodInfo when member.Name.StartsWith("op_", StringComparison.Ordinal) => "Operators",
        _ => "Methods",
    };
}
